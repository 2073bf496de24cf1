package io.skywire.control.directory;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// The config bootstrapper: a visor's operator points it here and gets all other URLs.
@RestController
final class ServiceUrlsController {
    private final ServiceUrls urls;

    ServiceUrlsController(ServiceUrls urls) {
        this.urls = urls;
    }

    @GetMapping({"/config", "/config/"})
    ServiceUrls urls() {
        return urls;
    }
}
