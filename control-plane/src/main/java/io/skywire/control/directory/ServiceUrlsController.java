package io.skywire.control.directory;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.control.messaging.MessagingServers;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The config bootstrapper: a visor's operator points it here and gets all other URLs.
@RestController
final class ServiceUrlsController {
    private final ServiceUrls urls;
    private final MessagingServers servers;

    ServiceUrlsController(ServiceUrls urls, MessagingServers servers) {
        this.urls = urls;
        this.servers = servers;
    }

    record ByMessaging(@JsonProperty("dmsg_servers") List<StockServer> servers) {}

    record StockServer(@JsonProperty("static") String key, StockAddress server) {}

    record StockAddress(String address) {}

    @GetMapping({"/config", "/config/"})
    ServiceUrls urls() {
        return urls;
    }

    /// For visors that reach everything through messaging servers. Names the servers and no service: none of this
    /// control plane can be asked that way.
    @GetMapping({"/dmsghttp", "/config/dmsghttp"})
    ByMessaging byMessaging() {
        return new ByMessaging(servers.all().stream()
                .map(server -> new StockServer(server.key().hex(), new StockAddress(server.address())))
                .toList());
    }
}
