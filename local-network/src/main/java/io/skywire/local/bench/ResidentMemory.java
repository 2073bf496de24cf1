package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a JVM holds in memory, split so that what the collector has not cleared yet does not blur it: resident pages
/// outside of the Java heap, from `/proc`, and what a full collection leaves inside of it.
final class ResidentMemory {
    private static final Pattern HEAP = Pattern.compile("\\[0x([0-9a-f]+),(?: 0x[0-9a-f]+,)? 0x([0-9a-f]+)\\)");
    private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");
    private static final Pattern RESIDENT = Pattern.compile("^Rss: +(\\d+) kB$");

    private final long pid;
    private final HeapWatch heap;
    private final long heapFrom;
    private final long heapTo;

    ResidentMemory(long pid, HeapWatch heap) {
        this.pid = pid;
        this.heap = heap;
        // One range of the whole heap, or one for each generation, depending on the collector.
        List<MatchResult> ranges = HEAP.matcher(jcmd("GC.heap_info")).results().toList();
        heapFrom = ranges.stream()
                .mapToLong(range -> Long.parseLong(range.group(1), 16))
                .min()
                .orElseThrow(() -> new NetworkFailure("the JVM does not say where its heap lies"));
        heapTo = ranges.stream()
                .mapToLong(range -> Long.parseLong(range.group(2), 16))
                .max()
                .orElseThrow();
    }

    /// @param all resident bytes of the whole process
    /// @param outside those outside of the Java heap
    /// @param live bytes that a full collection leaves inside of it
    record Reading(long all, long outside, long live) {
        long counted() {
            return outside + live;
        }
    }

    Reading read() {
        long live = (long) (heap.liveMib() * 1024 * 1024);
        long all = 0;
        long outside = 0;
        boolean inHeap = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"))) {
                Matcher mapping = MAPPING.matcher(line);
                Matcher resident = RESIDENT.matcher(line);
                if (mapping.matches()) {
                    long from = Long.parseUnsignedLong(mapping.group(1), 16);
                    inHeap = Long.compareUnsigned(from, heapFrom) >= 0 && Long.compareUnsigned(from, heapTo) < 0;
                } else if (resident.matches()) {
                    long bytes = 1024 * Long.parseLong(resident.group(1));
                    all += bytes;
                    outside += inHeap ? 0 : bytes;
                }
            }
        } catch (IOException unreadable) {
            throw new NetworkFailure("/proc does not tell the memory of the control plane: " + unreadable.getMessage());
        }
        return new Reading(all, outside, live);
    }

    private String jcmd(String command) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process asked = new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(asked.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!asked.waitFor(30, TimeUnit.SECONDS) || asked.exitValue() != 0) {
                throw new NetworkFailure(jcmd + " " + command + " did not end well: " + said);
            }
            return said;
        } catch (IOException lacking) {
            throw new NetworkFailure("a whole JDK is needed: " + lacking.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }
}
