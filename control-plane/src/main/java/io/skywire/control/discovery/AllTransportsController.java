package io.skywire.control.discovery;

import io.skywire.control.discovery.TransportListing.Selection;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `GET /all-transports` of stock transport discovery: every public transport that is up, from memory.
@RestController
final class AllTransportsController {
    private final TransportListing listing;

    AllTransportsController(TransportListing listing) {
        this.listing = listing;
    }

    @GetMapping("/all-transports")
    void all(
            @RequestParam(name = "selfTransports", defaultValue = "") String selfTransports,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Selection selection = selfTransports.equals("hide") ? Selection.WITHOUT_SELF_TRANSPORTS : Selection.ALL;
        String tag = "\"" + listing.tag() + '"';
        response.setHeader("ETag", tag);
        response.setHeader("Cache-Control", "no-cache");
        String known = request.getHeader("If-None-Match");
        if (known != null && known.length() < 4096 && (known.equals("*") || known.contains(tag))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setContentType("application/json");
        try (OutputStream out = response.getOutputStream()) {
            listing.writeTo(out, selection);
        }
    }
}
