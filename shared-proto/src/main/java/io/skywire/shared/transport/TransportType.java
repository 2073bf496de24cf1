package io.skywire.shared.transport;

/// How two edges reach each other. Part of the transport's id, so one pair may hold one transport of each type.
///
/// Ours are [#TCP] (a Noise link over TCP) and [#MESSAGING] (a Noise link through a messaging server). Stock Skywire
/// nodes register others (`stcp`, `stcpr`, `sudph`, `dmsg`).
public record TransportType(String name) {
    public static final TransportType TCP = new TransportType("tcp");
    public static final TransportType MESSAGING = new TransportType("messaging");

    private static final int MAX_LENGTH = 32;

    public TransportType {
        if (name.isEmpty() || name.length() > MAX_LENGTH || !name.chars().allMatch(TransportType::isAllowed)) {
            throw new IllegalArgumentException("a transport type has 1 to " + MAX_LENGTH
                    + " lower-case letters, digits or dashes, not '" + name + "'");
        }
    }

    private static boolean isAllowed(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }

    @Override
    public String toString() {
        return name;
    }
}
