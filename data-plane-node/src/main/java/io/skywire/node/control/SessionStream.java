package io.skywire.node.control;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.ControlMessage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// One gRPC stream to one control plane, with its channel. All calls and callbacks run on the control thread.
final class SessionStream {
    private final ManagedChannel channel;
    private final StreamObserver<AgentMessage> outbound;
    private boolean ended;

    /// Who hears of this stream.
    interface Events {
        void received(SessionStream stream, ControlMessage message);

        void ended(SessionStream stream, String why);
    }

    SessionStream(ManagedChannel channel, Executor control, Events events) {
        this.channel = channel;
        this.outbound = AgentSessionsGrpc.newStub(channel).open(new StreamObserver<>() {
            @Override
            public void onNext(ControlMessage message) {
                onControl(control, () -> {
                    if (!ended) {
                        events.received(SessionStream.this, message);
                    }
                });
            }

            @Override
            public void onError(Throwable cause) {
                onControl(control, () -> end(events, describe(cause)));
            }

            @Override
            public void onCompleted() {
                onControl(control, () -> end(events, "the control plane ended the session"));
            }
        });
    }

    void send(AgentMessage.Builder message) {
        if (!ended) {
            outbound.onNext(message.build());
        }
    }

    /// Ends the stream from this side; [Events#ended] is not called for it.
    void close() {
        if (!ended) {
            ended = true;
            outbound.onCompleted();
        }
        channel.shutdown();
    }

    private void end(Events events, String why) {
        if (!ended) {
            ended = true;
            channel.shutdownNow();
            events.ended(this, why);
        }
    }

    private static void onControl(Executor control, Runnable task) {
        try {
            control.execute(task);
        } catch (RejectedExecutionException nodeIsClosing) {
            // nobody is left to be told
        }
    }

    private static String describe(Throwable cause) {
        Status status = Status.fromThrowable(cause);
        Throwable root = status.getCause() == null ? cause : status.getCause();
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String detail = status.getDescription() == null ? String.valueOf(root.getMessage()) : status.getDescription();
        return status.getCode() == Status.Code.UNAVAILABLE && root != cause
                ? String.valueOf(root.getMessage())
                : status.getCode() + ": " + detail;
    }
}
