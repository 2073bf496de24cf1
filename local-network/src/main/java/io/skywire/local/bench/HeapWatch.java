package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Looks at the heap of a control plane from outside: its metrics, and the JDK's `jcmd` for what is left after a
/// collection.
final class HeapWatch implements AutoCloseable {
    private static final double MIB = 1024.0 * 1024.0;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final URI metrics;
    private final long pid;

    HeapWatch(URI metrics, long pid) {
        this.metrics = metrics;
        this.pid = pid;
    }

    double maxMib() {
        return mib("jvm_memory_max_bytes", "{area=\"heap\"");
    }

    double usedMib() {
        return mib("jvm_memory_used_bytes", "{area=\"heap\"");
    }

    /// What a full collection leaves, as the collector itself says it: what is allocated after it does not count.
    double liveMib() {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process collection = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!collection.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || collection.exitValue() != 0) {
                collection.destroyForcibly();
                throw new NetworkFailure(jcmd + " " + pid + " GC.run did not end well");
            }
        } catch (IOException lacking) {
            throw new NetworkFailure("a whole JDK is needed: " + lacking.getMessage());
        } catch (InterruptedException interrupted) {
            throw interrupted();
        }
        return mib("jvm_gc_live_data_size_bytes", "");
    }

    /// The sum over the series whose line begins so.
    private double mib(String name, String labels) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(metrics).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            return answer.body()
                            .lines()
                            .filter(line -> line.startsWith(name + labels))
                            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                            .filter(bytes -> bytes > 0)
                            .sum()
                    / MIB;
        } catch (IOException failure) {
            throw new NetworkFailure(metrics + " does not answer: " + failure);
        } catch (InterruptedException interrupted) {
            throw interrupted();
        }
    }

    private static NetworkFailure interrupted() {
        Thread.currentThread().interrupt();
        return new NetworkFailure("interrupted");
    }

    @Override
    public void close() {
        http.close();
    }
}
