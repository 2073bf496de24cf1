package io.skywire.node.config;

import java.net.URI;
import java.net.URISyntaxException;

/// Where a messaging discovery answers, as a config writes it.
final class DiscoveryUrl {
    private DiscoveryUrl() {}

    /// @throws IllegalArgumentException if the text is no URL over http or https with a host
    static URI parse(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme();
            if (uri.getHost() != null && scheme != null && (scheme.equals("http") || scheme.equals("https"))) {
                return uri;
            }
        } catch (URISyntaxException malformed) {
            // told below, in the words of every other mistake
        }
        throw new IllegalArgumentException(
                "a discovery is the URL of a control plane, such as https://control.example.org, not '" + text + "'");
    }
}
