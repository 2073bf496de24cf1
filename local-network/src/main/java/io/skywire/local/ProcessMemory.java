package io.skywire.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks for bytes in the memory of a process of ours, while it runs: in all that it can write to, memory outside a
/// JVM's heap included. Where the kernel does not let it read that, in a dump of the heap of a JVM.
final class ProcessMemory {
    private static final int CHUNK = 1 << 20;
    private static final Duration DUMP = Duration.ofSeconds(30);
    private static final Pattern MAPPING =
            Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) (\\S{4}) \\S+ \\S+ (\\d+)\\s*(.*)");

    private final long pid;
    private final byte[] wanted;
    private final long deadline;
    private final byte[] chunk = new byte[CHUNK];
    private long searched;

    private ProcessMemory(long pid, byte[] wanted, Duration limit) {
        this.pid = pid;
        this.wanted = wanted.clone();
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    /// What was found.
    sealed interface Search {
        /// @param where the part of the memory
        record Found(String where) implements Search {}

        /// @param bytes how many were looked at
        record Nowhere(Extent extent, long bytes) implements Search {}

        /// It says nothing: the process is gone, time was up, or its memory may not be read.
        record Unknown(String why) implements Search {}
    }

    /// How much of a process was looked at.
    enum Extent {
        ALL_IT_CAN_WRITE_TO,
        HEAP_ONLY
    }

    /// @param wanted at least 8 bytes, or they are everywhere by chance
    /// @param limit after which it gives up; some 100 MB are looked through in a second, even on a busy machine
    static Search search(long pid, byte[] wanted, Duration limit) {
        if (wanted.length < 8 || wanted.length > CHUNK / 2) {
            throw new IllegalArgumentException("8 bytes to 512 KiB can be looked for, not " + wanted.length);
        }
        ProcessMemory memory = new ProcessMemory(pid, wanted, limit);
        try {
            return memory.ofProc();
        } catch (NoSuchFileException noProcHere) {
            return memory.ofDump("there is no " + noProcHere.getFile());
        } catch (IOException forbidden) {
            return memory.ofDump(String.valueOf(forbidden.getMessage()));
        }
    }

    /// In a dump of a JVM's heap only, whatever the kernel allows.
    static Search searchHeap(long pid, byte[] wanted, Duration limit) {
        return new ProcessMemory(pid, wanted, limit).ofDump("only the heap was asked for");
    }

    private record Mapping(long begin, long end, String name) {
        /// Of a line of `/proc/PID/maps`, if the process can write there by itself.
        static Optional<Mapping> parse(String line) {
            Matcher parts = MAPPING.matcher(line);
            if (!parts.matches()
                    || !parts.group(3).startsWith("rw")
                    || parts.group(5).startsWith("/dev/")) {
                return Optional.empty();
            }
            return Optional.of(new Mapping(
                    Long.parseUnsignedLong(parts.group(1), 16),
                    Long.parseUnsignedLong(parts.group(2), 16),
                    parts.group(5).isEmpty() ? "memory without a name" : parts.group(5)));
        }
    }

    private Search ofProc() throws IOException {
        Path proc = Path.of("/proc", String.valueOf(pid));
        List<String> lines = Files.readAllLines(proc.resolve("maps"));
        try (RandomAccessFile memory = new RandomAccessFile(proc.resolve("mem").toFile(), "r")) {
            for (String line : lines) {
                Optional<Mapping> mapping = Mapping.parse(line);
                if (mapping.isPresent() && isIn(memory, mapping.get())) {
                    return new Search.Found(mapping.get().name());
                }
                if (isTooLate()) {
                    return new Search.Unknown("time was up after " + searched + " bytes");
                }
            }
        }
        return searched == 0
                ? new Search.Unknown("process " + pid + " has no memory: it is gone")
                : new Search.Nowhere(Extent.ALL_IT_CAN_WRITE_TO, searched);
    }

    /// What has been unmapped since the list was made is passed over.
    private boolean isIn(RandomAccessFile memory, Mapping mapping) throws IOException {
        int kept = 0;
        for (long at = mapping.begin(); at < mapping.end() && !isTooLate(); ) {
            int read;
            try {
                memory.seek(at);
                read = memory.read(chunk, kept, (int) Math.min(chunk.length - kept, mapping.end() - at));
            } catch (IOException unmapped) {
                return false;
            }
            if (read <= 0) {
                return false;
            }
            at += read;
            searched += read;
            if (isIn(kept + read)) {
                return true;
            }
            kept = keep(kept + read);
        }
        return false;
    }

    private boolean isIn(int length) {
        byte first = wanted[0];
        byte second = wanted[1];
        for (int at = 0; at + wanted.length <= length; at++) {
            if (chunk[at] == first
                    && chunk[at + 1] == second
                    && Arrays.equals(chunk, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    /// The end of what was looked at may be the beginning of what is wanted.
    private int keep(int length) {
        int kept = Math.min(length, wanted.length - 1);
        System.arraycopy(chunk, length - kept, chunk, 0, kept);
        return kept;
    }

    private boolean isTooLate() {
        return System.nanoTime() - deadline >= 0;
    }

    private Search ofDump(String why) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Path directory;
        try {
            directory = Files.createTempDirectory("skywire-heap");
        } catch (IOException unwritable) {
            return new Search.Unknown(why + "; and there is no room for a dump: " + unwritable.getMessage());
        }
        Path dump = directory.resolve("heap.hprof");
        try {
            ChildProcess.Outcome outcome = ChildProcess.run(
                    List.of(jcmd.toString(), String.valueOf(pid), "GC.heap_dump", "-all", dump.toString()),
                    directory,
                    DUMP);
            if (!Files.exists(dump)) {
                return new Search.Unknown(why + "; and jcmd makes no dump of the heap: " + outcome.said());
            }
            try (RandomAccessFile heap = new RandomAccessFile(dump.toFile(), "r")) {
                if (isIn(heap, new Mapping(0, heap.length(), "the heap"))) {
                    return new Search.Found("the heap");
                }
                return isTooLate()
                        ? new Search.Unknown("time was up after " + searched + " bytes of the heap")
                        : new Search.Nowhere(Extent.HEAP_ONLY, searched);
            }
        } catch (IOException unreadable) {
            return new Search.Unknown(why + "; and the dump of the heap cannot be read: " + unreadable.getMessage());
        } finally {
            StateDirectory.delete(directory);
        }
    }
}
