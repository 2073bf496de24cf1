package io.skywire.control.directory;

import io.skywire.control.identity.SignedPaths;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class DirectoryBeans {
    @Bean
    SignedPaths uptimePaths() {
        return SignedPaths.of("/v4/update");
    }
}
