package io.skywire.node.loops;

import io.netty.util.internal.PlatformDependent;

/// The direct memory of this process, which all nodes in it share, and its budget. Safe for any thread.
///
/// The bytes that are on their way lie in it: what sockets read, what waits for sockets, datagrams of sessions. The
/// budget is Netty's own hard limit, so it holds whatever happens; before it is reached, less is taken in:
///
/// | in use | what happens |
/// |---|---|
/// | up to half | nothing |
/// | over half: [#isShort] | connections and streams are read only once nothing of them waits, and little at a time |
/// | over seven eighths: [#isExhausted] | links send nothing; packets wait in their routes' queues, or are dropped |
/// | all | an allocation fails, and the connection that wanted it ends |
///
/// Memory that Netty's pool keeps for the next buffer counts as in use.
public final class DirectMemory {
    private static final long MIB = 1L << 20;
    private static final String LIMIT = "io.netty.maxDirectMemory";
    private static final String KIND = "io.netty.allocator.type";
    private static final String CHUNK_ORDER = "io.netty.allocator.maxOrder";
    private static final String ONE_MIB_CHUNKS = "7";

    private DirectMemory() {}

    /// Sets the budget of this process, unless its command line did. Before Netty's first use only: it reads this once.
    public static void limit(int mib) {
        setUnlessGiven(LIMIT, String.valueOf(mib * MIB));
        // The other allocator's pieces grow with the load.
        setUnlessGiven(KIND, "pooled");
        setUnlessGiven(CHUNK_ORDER, ONE_MIB_CHUNKS);
    }

    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /// Bytes in use; 0 where the JVM lets nobody count them.
    public static long used() {
        return Math.max(0, PlatformDependent.usedDirectMemory());
    }

    /// Bytes that may be in use.
    public static long budget() {
        return PlatformDependent.maxDirectMemory();
    }

    /// Whether who can wait should take in no more.
    public static boolean isShort() {
        return used() > budget() / 2;
    }

    /// Whether nothing should be taken that is not about to be given back.
    public static boolean isExhausted() {
        return used() > budget() / 8 * 7;
    }
}
