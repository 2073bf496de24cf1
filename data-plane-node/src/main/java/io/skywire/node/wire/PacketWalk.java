package io.skywire.node.wire;

import io.skywire.shared.packet.PacketLayout;

/// Takes the plaintext of frames apart into packets, and counts them. Not thread-safe.
public final class PacketWalk {
    private final int maxPayload;
    private long packets;
    private long bytes;

    public PacketWalk(int maxPayload) {
        this.maxPayload = maxPayload;
    }

    /// Hands over the whole packets of `plain` up to `end`, in place and in order.
    ///
    /// @throws BadFrameException if they do not fit, or the sink said so; the rest is not read
    public void walk(byte[] plain, int end, PacketSink sink) throws BadFrameException {
        int at = 0;
        while (at < end) {
            if (end - at < PacketLayout.HEADER_LENGTH) {
                throw new BadFrameException((end - at) + " bytes at the end of a frame are no packet");
            }
            int payload = PacketLayout.payloadLength(plain, at);
            int length = PacketLayout.HEADER_LENGTH + payload;
            if (payload > maxPayload) {
                throw new BadFrameException(
                        "a payload of " + payload + " bytes is over the link's limit of " + maxPayload);
            }
            if (length > end - at) {
                throw new BadFrameException(
                        "a packet of " + length + " bytes leaves its frame, which has " + (end - at) + " more");
            }
            packets++;
            bytes += length;
            sink.packet(plain, at, length);
            at += length;
        }
    }

    /// Packets handed over so far.
    public long packets() {
        return packets;
    }

    /// Bytes of those packets, headers included.
    public long bytes() {
        return bytes;
    }
}
