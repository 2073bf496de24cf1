package io.skywire.node.wire;

/// Takes the packets of a frame, one by one, in order.
@FunctionalInterface
public interface PacketSink {
    /// One whole packet. The array is the reader's: it may be changed within the packet and is not kept.
    ///
    /// @throws BadFrameException if a packet like this must not arrive here; the rest of the frame is not read
    void packet(byte[] frame, int offset, int length) throws BadFrameException;
}
