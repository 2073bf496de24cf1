package io.skywire.node.config;

/// What kind of machine a node runs on: the defaults of keys that its file does not name. The package's launcher reads
/// the same key for the options of the JVM.
enum Profile {
    STANDARD(4, 128, 100_000),
    /// A board that does other things too.
    SMALL_BOARD(1, 32, 10_000);

    private final int mostLoops;
    private final int directMemoryMib;
    private final int maxRules;

    Profile(int mostLoops, int directMemoryMib, int maxRules) {
        this.mostLoops = mostLoops;
        this.directMemoryMib = directMemoryMib;
        this.maxRules = maxRules;
    }

    static Profile parse(String text) {
        return switch (text) {
            case "standard" -> STANDARD;
            case "small-board" -> SMALL_BOARD;
            default -> throw new IllegalArgumentException("expected standard or small-board, not '" + text + "'");
        };
    }

    /// Event loops where the machine has as many cores.
    int mostLoops() {
        return mostLoops;
    }

    int directMemoryMib() {
        return directMemoryMib;
    }

    int maxRules() {
        return maxRules;
    }
}
