package io.skywire.local.drill;

import io.skywire.local.MachineLacks;
import io.skywire.local.SoakStage.ControlPlaneDoor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A balancer of connections before the control planes, as a Service of Kubernetes is one: a new connection goes to a
/// replica that said it was ready when it was last asked, each in turn; one that is there stays where it is.
final class Balancer implements AutoCloseable {
    private static final Duration ASKS_EVERY = Duration.ofMillis(250);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Supplier<List<ControlPlaneDoor>> doors;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final ServerSocket server;
    private volatile List<Integer> ready = List.of();
    private volatile boolean ended;
    private int next; // of the accepting thread

    Balancer(Supplier<List<ControlPlaneDoor>> doors) {
        this.doors = doors;
        try {
            server = new ServerSocket();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException taken) {
            throw new MachineLacks("no port of loopback can be had: " + taken.getMessage());
        }
        ask();
        Thread.ofPlatform().daemon().name("balancer-asks").start(() -> {
            while (!ended) {
                LockSupport.parkNanos(ASKS_EVERY.toNanos());
                ask();
            }
        });
        Thread.ofPlatform().daemon().name("balancer-accepts").start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
    }

    private void ask() {
        List<Integer> serving = new ArrayList<>();
        for (ControlPlaneDoor door : doors.get()) {
            HttpRequest question = HttpRequest.newBuilder(door.http().resolve("/actuator/health/readiness"))
                    .timeout(ANSWER)
                    .build();
            try {
                if (http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    serving.add(door.http().getPort());
                }
            } catch (IOException away) {
                // not one to send anybody to
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        ready = List.copyOf(serving);
    }

    private void accept() {
        while (!ended) {
            try {
                join(server.accept());
            } catch (IOException closed) {
                // at the end
            }
        }
    }

    /// Where nobody serves, who came is cut off.
    private void join(Socket in) throws IOException {
        List<Integer> serving = ready;
        if (serving.isEmpty()) {
            in.close();
            return;
        }
        try {
            Socket out =
                    new Socket(InetAddress.getLoopbackAddress(), serving.get(Math.floorMod(next++, serving.size())));
            in.setTcpNoDelay(true);
            out.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> copy(in, out));
            Thread.ofVirtual().start(() -> copy(out, in));
        } catch (IOException refused) {
            in.close();
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException cut) {
            // the other direction ends too
        }
    }

    @Override
    public void close() {
        ended = true;
        http.shutdownNow();
        try {
            server.close();
        } catch (IOException gone) {
            throw new MachineLacks("cannot close a port: " + gone.getMessage());
        }
    }
}
