package io.skywire.control.platform;

import org.apache.coyote.ProtocolHandler;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What the embedded HTTP server has beyond `server.*`.
@Configuration(proxyBeanMethods = false)
class HttpServer {
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> deadlinesAndProblems(
            HttpSettings settings, ErrorAnswers errors) {
        return factory -> {
            factory.setProtocol(HeadDeadlineProtocol.class.getName());
            factory.addConnectorCustomizers(connector -> {
                ProtocolHandler protocol = connector.getProtocolHandler();
                if (protocol instanceof HeadDeadlineProtocol http) {
                    http.setHeadDeadline(settings.headDeadline());
                }
            });
            factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new ProblemValve(errors)));
        };
    }
}
