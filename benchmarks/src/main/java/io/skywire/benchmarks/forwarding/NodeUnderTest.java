package io.skywire.benchmarks.forwarding;

import io.skywire.benchmarks.relay.ProcessCpu;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.KeyFileException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

/// A node that runs: where it listens, and what it says of itself.
record NodeUnderTest(PublicKey key, InetSocketAddress listen, URI metrics, ProcessCpu cpu) {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// From `KEY PORT METRICS_PORT PID`, ports of loopback.
    static NodeUnderTest of(String[] arguments, int first) {
        return new NodeUnderTest(
                PublicKey.parse(arguments[first]),
                ForwardingLoad.loopback(arguments[first + 1]),
                URI.create("http://127.0.0.1:" + arguments[first + 2] + "/metrics"),
                new ProcessCpu(Long.parseLong(arguments[first + 3])));
    }

    /// A link by the key in `NAME.key`.
    Neighbour dial(Path keys, String name, LinkCipher cipher) throws IOException, HandshakeException, KeyFileException {
        return Neighbour.dial(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), listen.getPort()),
                key,
                KeyFile.read(keys.resolve(name + ".key")),
                cipher);
    }

    /// Heap that its event loops have allocated so far, in bytes.
    double allocatedBytes(HttpClient http) throws IOException, InterruptedException {
        return metric(http, "skywire_node_loop_allocated_bytes_total");
    }

    /// The sum of all that its metrics say under that name; 0 if there is none.
    double metric(HttpClient http, String name) throws IOException, InterruptedException {
        String text = http.send(
                        HttpRequest.newBuilder(metrics).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return text.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
