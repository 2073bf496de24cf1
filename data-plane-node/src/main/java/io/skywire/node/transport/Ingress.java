package io.skywire.node.transport;

/// Where the packets of one transport go. Called on that transport's event loop only.
public interface Ingress {
    /// One whole packet whose route id is not 0. The array is the transport's: the callee may rewrite the packet in
    /// place, and neither keeps nor reads it after it returns.
    void packet(byte[] frame, int offset, int length);

    /// One read of the socket is done: what was sent on because of it should be flushed now.
    void endOfRead();

    /// Makes the [Ingress] of each new transport, before its first packet.
    @FunctionalInterface
    interface Factory {
        Ingress open(Transport transport);
    }
}
