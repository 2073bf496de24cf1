package io.skywire.node.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.random.RandomGenerator;

/// What surrounds a command: streams, environment, working directory, time and randomness. A test brings its own.
///
/// @param random makes keys, so `SecureRandom` outside tests
public record Terminal(
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        Map<String, String> environment,
        Path directory,
        InstantSource clock,
        RandomGenerator random) {
    static Terminal ofProcess(RandomGenerator random) {
        return new Terminal(
                System.in,
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                System.getenv(),
                Path.of(""),
                InstantSource.system(),
                random);
    }

    void print(String text) {
        out.println(text);
        out.flush();
    }

    void complain(String line) {
        err.println(line);
        err.flush();
    }
}
