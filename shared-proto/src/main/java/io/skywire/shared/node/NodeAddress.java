package io.skywire.shared.node;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where others dial a node: a host and a TCP port, not resolved. Its text is `host:port`, IPv6 in brackets.
///
/// One address has one text: names are in lower case, IP addresses in their usual form. What nobody can dial is no
/// address: port 0, `0.0.0.0`, `::`, multicast. Whether somebody listens there is not known.
///
/// @param host a host name, an IPv4 address, or an IPv6 address without brackets
public record NodeAddress(String host, int port) {
    /// The longest text, in characters.
    public static final int LONGEST = 255;

    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?(0x[0-9a-f]*|[0-9]+)");
    private static final Pattern IPV4 =
            Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]*:[0-9a-f:.]*");
    private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");
    private static final int LONGEST_NAME = 248; // leaves room for the port

    /// @throws IllegalArgumentException that says what is wrong
    public NodeAddress {
        host = normal(host);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
    }

    /// @throws IllegalArgumentException that says what is wrong
    public static NodeAddress parse(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "an address has at most " + LONGEST + " characters, not " + text.length());
        }
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !PORT.matcher(text.substring(colon + 1)).matches()) {
            throw new IllegalArgumentException(
                    "an address is host:port with a port from 1 to 65535, such as 192.0.2.7:7777, not '" + text + "'");
        }
        String host = text.substring(0, colon);
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        if (isBracketed != host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 address, and nothing else, stands in brackets, such as [2001:db8::7]:7777: '" + text
                            + "'");
        }
        return new NodeAddress(
                isBracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(text.substring(colon + 1)));
    }

    private static String normal(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (lower.indexOf(':') >= 0) {
            return dialable(IPV6, lower);
        }
        if (NUMERIC_END.matcher(lower).matches()) {
            return dialable(IPV4, lower);
        }
        if (lower.length() > LONGEST_NAME || !NAME.matcher(lower).matches()) {
            throw noHost(host);
        }
        return lower;
    }

    private static String dialable(Pattern shape, String literal) {
        if (!shape.matcher(literal).matches()) {
            throw noHost(literal);
        }
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException invalid) {
            throw noHost(literal);
        }
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            throw new IllegalArgumentException("nobody can dial '" + literal + "': name the address that others reach");
        }
        return address.getHostAddress();
    }

    private static IllegalArgumentException noHost(String host) {
        return new IllegalArgumentException("'" + host + "' is neither a host name nor an IP address");
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
