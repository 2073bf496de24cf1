package io.skywire.node.metrics;

/// What links have carried since the node started. Bytes are those of packets, headers included.
///
/// @param packetsDropped that found no room in a link's queues, or did not fit it
public record LinkTraffic(
        long packetsReceived, long bytesReceived, long packetsSent, long bytesSent, long packetsDropped) {
    public static final LinkTraffic NONE = new LinkTraffic(0, 0, 0, 0, 0);

    public LinkTraffic plus(LinkTraffic more) {
        return new LinkTraffic(
                packetsReceived + more.packetsReceived,
                bytesReceived + more.bytesReceived,
                packetsSent + more.packetsSent,
                bytesSent + more.bytesSent,
                packetsDropped + more.packetsDropped);
    }

    /// The larger of each.
    public LinkTraffic max(LinkTraffic other) {
        return new LinkTraffic(
                Math.max(packetsReceived, other.packetsReceived),
                Math.max(bytesReceived, other.bytesReceived),
                Math.max(packetsSent, other.packetsSent),
                Math.max(bytesSent, other.bytesSent),
                Math.max(packetsDropped, other.packetsDropped));
    }
}
