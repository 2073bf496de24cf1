package io.skywire.node.session;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.SessionUid;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The address that QUIC believes to talk to: one per end of a session, the same on whatever route, never on a wire.
/// ```
///  0    1                                  16
///  +----+----------------------------------+
///  | fd | first 15 bytes of SHA-256        |   port 4433
///  +----+----------------------------------+
///  SHA-256("skywire session address v1" | 00 | key of the node (33) | session uid (16) | 00 initiator, 01 responder)
/// ```
final class SessionAddress {
    private static final byte[] DOMAIN = "skywire session address v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int PORT = 4433;

    private SessionAddress() {}

    /// The address of `node`, which is at `end` of the session.
    static InetSocketAddress of(PublicKey node, SessionUid session, RouteEnd end) {
        MessageDigest sha256 = sha256();
        sha256.update(DOMAIN);
        sha256.update(node.bytes());
        sha256.update(session.bytes());
        sha256.update(
                switch (end) {
                    case INITIATOR -> (byte) 0;
                    case RESPONDER -> (byte) 1;
                });
        byte[] address = new byte[16];
        address[0] = (byte) 0xfd;
        System.arraycopy(sha256.digest(), 0, address, 1, address.length - 1);
        try {
            InetAddress ip = Inet6Address.getByAddress(null, address, -1);
            return new InetSocketAddress(ip, PORT);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("16 bytes are an IPv6 address", impossible);
        }
    }

    static RouteEnd other(RouteEnd end) {
        return switch (end) {
            case INITIATOR -> RouteEnd.RESPONDER;
            case RESPONDER -> RouteEnd.INITIATOR;
        };
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
