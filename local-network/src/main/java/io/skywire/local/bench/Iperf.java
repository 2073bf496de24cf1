package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.MachineLacks;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Programs;
import io.skywire.local.RunHome;
import io.skywire.local.hosts.Namespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Stock iperf3: a server, and transfers to it.
///
/// @param port at which the server listens
record Iperf(Path program, int port) {
    private static final Duration BESIDES_TRANSFER = Duration.ofSeconds(30);
    private static final Duration FREE = Duration.ofSeconds(30);

    /// What arrived in one transfer.
    record Transfer(double bytes, double megabitsPerSecond) {}

    /// @throws MachineLacks if a program is not there
    static Path require(String program) {
        return Programs.find(program)
                .or(() -> Optional.of(Path.of("/usr/sbin", program)).filter(Files::isExecutable)) // not on every PATH
                .orElseThrow(() -> new MachineLacks(
                        program + " is needed and is not on the PATH: install it, for example with apt-get install "
                                + program));
    }

    static Iperf start(Path program, RunHome home, List<ChildProcess> children) {
        int port = BenchNode.freePort();
        return serve(program, port, List.of(), List.of("--bind", "127.0.0.1"), home, children);
    }

    /// On a host of its own, at all addresses of it.
    static Iperf start(Path program, String host, int port, RunHome home, List<ChildProcess> children) {
        return serve(program, port, Namespaces.in(host, List.of()), List.of(), home, children);
    }

    private static Iperf serve(
            Path program,
            int port,
            List<String> prefix,
            List<String> bound,
            RunHome home,
            List<ChildProcess> children) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(program.toString(), "--server", "--port", String.valueOf(port), "--forceflush"));
        command.addAll(bound);
        ChildProcess server = ChildProcess.start("iperf3", command, home);
        children.add(server);
        Lines.await(server, line -> line.startsWith("Server listening"), Duration.ofSeconds(20));
        return new Iperf(program, port);
    }

    /// Sends for so long through what listens at `port` of loopback and leads to the server. The server takes one
    /// transfer at a time, so this waits until it has seen the end of the one before.
    Transfer send(int port, int streams, Duration time) {
        return send(List.of(), "127.0.0.1", port, streams, time);
    }

    /// The same from and to elsewhere.
    ///
    /// @param prefix what puts the sender on its host, before its command; may be empty
    Transfer send(List<String> prefix, String address, int port, int streams, Duration time) {
        List<Transfer> done = new ArrayList<>();
        boolean free = Patience.until(FREE, () -> {
            attempt(prefix, address, port, streams, time).ifPresent(done::add);
            return !done.isEmpty();
        });
        if (!free) {
            throw new NetworkFailure("the iperf3 server is busy with the transfer before this one for "
                    + FREE.toSeconds() + " s: its connections do not end");
        }
        return done.getFirst();
    }

    private Optional<Transfer> attempt(List<String> prefix, String address, int port, int streams, Duration time) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                program.toString(),
                "--client",
                address,
                "--port",
                String.valueOf(port),
                "--parallel",
                String.valueOf(streams),
                "--time",
                String.valueOf(time.toSeconds()),
                "--json"));
        long start = System.nanoTime();
        ChildProcess.Outcome outcome = ChildProcess.run(command, Path.of("/"), time.plus(BESIDES_TRANSFER));
        boolean atOnce = System.nanoTime() - start < time.toNanos();
        try {
            JsonNode said = new JsonMapper().readTree(outcome.out());
            if (said.has("error")) {
                String error = said.path("error").asString("");
                // Between two transfers the server does not listen; what stands before it lets the sender in and out.
                if (error.contains("busy") || atOnce && error.contains("control socket has closed")) {
                    return Optional.empty();
                }
                throw new NetworkFailure("iperf3 with " + streams + " streams: " + error);
            }
            JsonNode received = said.required("end").required("sum_received");
            return Optional.of(new Transfer(
                    received.required("bytes").doubleValue(),
                    received.required("bits_per_second").doubleValue() / 1e6));
        } catch (JacksonException malformed) {
            throw new NetworkFailure("iperf3 printed no result: " + outcome.said());
        }
    }
}
