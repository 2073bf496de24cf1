package io.skywire.node.config;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/// A host and a TCP port, not resolved yet. Its text is `host:port`, IPv6 in brackets: `[::1]:7777`.
///
/// @param host a host name, an IPv4 address, or an IPv6 address without brackets
/// @param port 0 to 65535; 0 lets the system choose and fits listeners only
public record HostPort(String host, int port) {
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\\.?");
    private static final Pattern IPV4_SHAPE = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 =
            Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])");
    private static final Pattern IPV6_SHAPE = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final int LONGEST_NAME = 253;

    public HostPort {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 0 and 65535, not " + port);
        }
    }

    /// @throws IllegalArgumentException if the text is not `host:port`; the message says what was expected
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || colon == text.length() - 1) {
            throw new IllegalArgumentException("an address is host:port, such as 127.0.0.1:7777, not '" + text + "'");
        }
        String host = text.substring(0, colon);
        int port = Ports.parseOrAny(text.substring(colon + 1));
        if (host.startsWith("[") && host.endsWith("]")) {
            return new HostPort(ipv6(host.substring(1, host.length() - 1)), port);
        }
        if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 address stands in brackets, such as [::1]:7777: '" + text + "'");
        }
        boolean numeric = IPV4_SHAPE.matcher(host).matches();
        if (host.length() > LONGEST_NAME
                || !(numeric ? IPV4 : NAME).matcher(host).matches()) {
            throw new IllegalArgumentException("'" + host + "' is neither a host name nor an IP address");
        }
        return new HostPort(host, port);
    }

    private static String ipv6(String literal) {
        try {
            if (IPV6_SHAPE.matcher(literal).matches()) {
                return new InetSocketAddress(java.net.InetAddress.ofLiteral(literal), 0).getHostString();
            }
        } catch (IllegalArgumentException invalid) {
            // told below, in the words of every other address
        }
        throw new IllegalArgumentException("'" + literal + "' is not an IPv6 address");
    }

    /// Whether only this machine can be meant: 127.0.0.0/8, ::1 or `localhost`.
    public boolean isLoopback() {
        if (host.equals("localhost")) {
            return true;
        }
        boolean literal = host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
        return literal && java.net.InetAddress.ofLiteral(host).isLoopbackAddress();
    }

    /// The address for a bind or a connect. Resolves a host name, so it may take a while.
    public InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
