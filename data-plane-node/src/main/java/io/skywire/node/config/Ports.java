package io.skywire.node.config;

/// Port numbers as people write them.
final class Ports {
    private static final int HIGHEST = 65_535;

    private Ports() {}

    /// A port that somebody can connect to: 1 to 65535.
    static int parse(String text) {
        int port = parseOrAny(text);
        if (port == 0) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not 0");
        }
        return port;
    }

    /// Also 0: the system chooses.
    static int parseOrAny(String text) {
        return Numbers.parse(text, "a port", 0, HIGHEST);
    }
}
