package io.skywire.control.reachability;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An address as a node names it, `host:port`, IPv6 in brackets. The host is looked at only if it is an IP address.
///
/// @param text as it was named
record NamedAddress(String text, Optional<InetAddress> literal, int port) {
    private static final int LONGEST = 255;
    private static final Pattern SHAPE = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[0-9A-Za-z._-]+):([1-9][0-9]{0,4})");

    /// @throws IllegalArgumentException that says what is wrong
    static NamedAddress parse(String text) {
        Matcher parts = SHAPE.matcher(text.length() > LONGEST ? "" : text);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
            throw new IllegalArgumentException("an address to dial back is host:port, at most " + LONGEST
                    + " characters, with a port from 1 to 65535");
        }
        return new NamedAddress(text, literal(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(
                    InetAddress.ofLiteral(host.startsWith("[") ? host.substring(1, host.length() - 1) : host));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }
}
