package io.skywire.control.limits;

import java.net.InetAddress;
import java.util.Arrays;

/// A range of addresses: those that begin with the same bits. Written `192.0.2.0/24`.
public record SourceNetwork(InetAddress first, int prefix) {
    public SourceNetwork {
        byte[] bytes = first.getAddress();
        if (prefix < 0 || prefix > 8 * bytes.length) {
            throw new IllegalArgumentException(first.getHostAddress() + " has no prefix of " + prefix + " bits");
        }
        first = masked(bytes, prefix);
    }

    /// @throws IllegalArgumentException that says what is wrong
    public static SourceNetwork parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "a network is ADDRESS/BITS, for example 192.0.2.0/24, not '" + text + "'");
        }
        return new SourceNetwork(
                InetAddress.ofLiteral(text.substring(0, slash).strip()),
                Integer.parseInt(text.substring(slash + 1).strip()));
    }

    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == first.getAddress().length
                && masked(bytes, prefix).equals(first);
    }

    private static InetAddress masked(byte[] address, int prefix) {
        byte[] masked = Arrays.copyOf(address, address.length);
        for (int i = 0; i < masked.length; i++) {
            int bits = Math.clamp(prefix - 8L * i, 0, 8);
            masked[i] &= (byte) (0xff << (8 - bits));
        }
        try {
            return InetAddress.getByAddress(masked);
        } catch (java.net.UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
