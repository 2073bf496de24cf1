package io.skywire.local.drill;

import io.skywire.local.MachineLacks;
import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What one Java process takes of its machine at one moment, after a full collection.
///
/// @param rssKib pages in memory
/// @param heapKib what the collection left
record Vitals(long rssKib, long heapKib, long threads, long handles) {
    private static final Pattern USED = Pattern.compile("\\bused (\\d+)K");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// @throws NetworkFailure if the process is gone
    /// @throws MachineLacks where there is no `/proc` or no `jcmd`
    static Vitals of(long pid) {
        Path process = Path.of("/proc", String.valueOf(pid));
        if (!Files.isDirectory(Path.of("/proc/self/fd"))) {
            throw new MachineLacks("there is no /proc here: memory, threads and handles cannot be read");
        }
        try {
            jcmd(pid, "GC.run");
            long heap = heap(jcmd(pid, "GC.heap_info"));
            String status = Files.readString(process.resolve("status"));
            return new Vitals(field(status, "VmRSS"), heap, field(status, "Threads"), count(process.resolve("fd")));
        } catch (IOException gone) {
            throw new NetworkFailure("process " + pid + " cannot be looked at: " + gone);
        }
    }

    /// The sum over the generations in what `jcmd PID GC.heap_info` prints.
    static long heap(String printed) {
        return printed.lines()
                .filter(line -> !line.contains("Metaspace") && !line.contains("class space"))
                .map(USED::matcher)
                .filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    private static long field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow(() -> new NetworkFailure("/proc/PID/status has no " + name));
    }

    private static long count(Path directory) throws IOException {
        long count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path unused : entries) {
                count++;
            }
        }
        return count;
    }

    private static String jcmd(long pid, String command) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            throw new MachineLacks("this JDK has no jcmd: a whole JDK 25 is needed");
        }
        Path out = Files.createTempFile("skywire-", ".jcmd");
        try {
            Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new NetworkFailure("jcmd " + pid + " " + command + " did not end well: " + Files.readString(out));
            }
            return Files.readString(out);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        } finally {
            Files.deleteIfExists(out);
        }
    }
}
