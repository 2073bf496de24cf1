package io.skywire.control.agent;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.ControlMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One bare `Open` call: sends what it is told, whatever that is, and keeps what comes back.
public final class AgentCall implements AutoCloseable {
    private final ManagedChannel channel;
    private final StreamObserver<AgentMessage> requests;
    private final LinkedBlockingQueue<ControlMessage> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> ended = new CompletableFuture<>();
    private final CompletableFuture<Metadata> trailers = new CompletableFuture<>();

    public AgentCall(int port) {
        this(port, message -> {});
    }

    AgentCall(int port, Consumer<ControlMessage> listener) {
        channel = NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .usePlaintext()
                .build();
        requests = AgentSessionsGrpc.newStub(channel).open(new StreamObserver<>() {
            @Override
            public void onNext(ControlMessage message) {
                received.add(message);
                listener.accept(message);
            }

            @Override
            public void onError(Throwable cause) {
                trailers.complete(
                        Optional.ofNullable(Status.trailersFromThrowable(cause)).orElseGet(Metadata::new));
                ended.complete(Status.fromThrowable(cause));
            }

            @Override
            public void onCompleted() {
                ended.complete(Status.OK);
            }
        });
    }

    public synchronized void send(AgentMessage message) {
        requests.onNext(message);
    }

    /// The next message of the control plane.
    public ControlMessage next() {
        try {
            ControlMessage message = received.poll(10, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError(
                        "nothing came in 10 s; the call is " + (ended.isDone() ? "over: " + ended.join() : "open"));
            }
            return message;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// How the call ended.
    public Status end() {
        return ended.orTimeout(15, TimeUnit.SECONDS).join();
    }

    /// What the control plane said beside the status of a call that failed.
    Metadata trailers() {
        return trailers.orTimeout(15, TimeUnit.SECONDS).join();
    }

    public boolean isOver() {
        return ended.isDone();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
