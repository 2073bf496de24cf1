package io.skywire.node.app;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// A datagram between a SOCKS5 client and its association (RFC 1928, section 7).
/// ```
///  0         2      3      4                       n          n+2
///  +---------+------+------+-----------------------+----------+---------
///  | 00 00   | FRAG | ATYP | DST.ADDR              | DST.PORT | data …
///  +---------+------+------+-----------------------+----------+---------
///  ATYP 1: IPv4, 4 bytes.   3: a name, its length in one byte, then its letters.   4: IPv6, 16 bytes.
/// ```
sealed interface SocksDatagram {
    /// To a name; the buffer that was read is at its data now.
    record ToName(String name, int port) implements SocksDatagram {}

    /// To a plain address.
    record ToAddress() implements SocksDatagram {}

    /// One part of a larger datagram.
    record Fragment() implements SocksDatagram {}

    record Malformed() implements SocksDatagram {}

    int IPV4 = 1;
    int NAME = 3;
    int IPV6 = 4;
    int BEFORE_ADDRESS = 4;

    /// Reads the header.
    static SocksDatagram read(ByteBuf datagram) {
        if (datagram.readableBytes() <= BEFORE_ADDRESS) {
            return new Malformed();
        }
        datagram.skipBytes(2);
        int fragment = datagram.readUnsignedByte();
        int type = datagram.readUnsignedByte();
        if (fragment != 0) {
            return new Fragment();
        }
        if (type == IPV4 || type == IPV6) {
            return new ToAddress();
        }
        int length = datagram.readUnsignedByte();
        if (type != NAME || length == 0 || datagram.readableBytes() < length + 2) {
            return new Malformed();
        }
        String name = datagram.readString(length, StandardCharsets.US_ASCII);
        return new ToName(name, datagram.readUnsignedShort());
    }

    /// Writes a header that says from whom the data behind it are: as the client wrote it.
    static void write(ByteBuf into, String name, int port) {
        byte[] letters = name.getBytes(StandardCharsets.US_ASCII);
        into.writeShort(0).writeByte(0).writeByte(NAME).writeByte(letters.length);
        into.writeBytes(letters).writeShort(port);
    }
}
