package io.skywire.control.limits;

import io.github.bucket4j.TimeMeter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class LimitBeans {
    /// Monotonic: setting the wall clock neither fills a bucket nor empties it.
    @Bean
    TimeMeter limitTime() {
        return TimeMeter.SYSTEM_NANOTIME;
    }
}
