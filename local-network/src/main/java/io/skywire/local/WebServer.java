package io.skywire.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A stock web server (the JDK's `jwebserver`) that serves the files of one directory on loopback.
record WebServer(ChildProcess child, Path directory, int port) {
    private static final Duration READY = Duration.ofSeconds(30);

    static WebServer start(Installation installation, StateDirectory state, int port) {
        List<String> command = List.of(
                installation.jwebserver().toString(),
                "--bind-address",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--directory",
                state.web().toString());
        return new WebServer(ChildProcess.start("web-server", command, state), state.web(), port);
    }

    void awaitReady() {
        boolean ready = Patience.until(READY, () -> {
            child.requireAlive();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        if (!ready) {
            throw new NetworkFailure("the web server does not answer; its log is " + child.log());
        }
    }
}
