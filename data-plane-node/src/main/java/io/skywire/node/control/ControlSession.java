package io.skywire.node.control;

import io.grpc.ManagedChannel;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.Welcome;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One session with one control plane over one way, from the first dial to its end. The keys are proved end to end
/// whatever the way, so a gateway cannot stand in for the control plane. Lives on the control thread.
///
/// | state | leaves it |
/// |---|---|
/// | DIALLING | the lane is there, Hello sent → HELLO_SENT |
/// | before UP | Drain → ENDED |
/// | HELLO_SENT | Challenge checked, Proof sent → PROVED |
/// | PROVED | Welcome → UP |
/// | UP | the stream ends → ENDED; Drain is the owner's business |
/// | every one | an error, a deadline, [#close()] → ENDED |
final class ControlSession {
    private final Way way;
    private final Handshake handshake;
    private final Duration patience;
    private final ScheduledExecutorService executor;
    private final Owner owner;
    private State state = State.DIALLING;
    private @Nullable SessionStream stream;
    private GatewayLanes.@Nullable Lane lane;

    private enum State {
        DIALLING,
        HELLO_SENT,
        PROVED,
        UP,
        ENDED
    }

    /// Who hears of the session, on the control thread.
    interface Owner {
        void welcomed(ControlSession session, Welcome welcome);

        /// A message that came after the welcome.
        void received(ControlSession session, ControlMessage message);

        /// Once; not after [#close()].
        void ended(ControlSession session, String why);
    }

    /// @param patience from dialling to the challenge, and again from the proof to the welcome
    ControlSession(Way way, Handshake handshake, Duration patience, ScheduledExecutorService executor, Owner owner) {
        this.way = way;
        this.handshake = handshake;
        this.patience = patience;
        this.executor = executor;
        this.owner = owner;
    }

    Way way() {
        return way;
    }

    /// Whether the control plane may take this session for the node's one.
    boolean hasProved() {
        return state == State.PROVED || state == State.UP;
    }

    /// Dials. `hello` is asked once there is a way, so that it tells the newest revision.
    void begin(GatewayLanes lanes, Supplier<AgentMessage.Builder> hello) {
        switch (way) {
            case Way.Direct direct -> connect(() -> ControlChannels.open(direct.endpoint()), hello);
            case Way.Through through ->
                lanes.open(through.gateway()).whenComplete((opened, failure) -> {
                    try {
                        executor.execute(() -> laneIs(opened, failure, hello));
                    } catch (RejectedExecutionException nodeIsClosing) {
                        closeLane(opened);
                    }
                });
        }
    }

    private void laneIs(
            GatewayLanes.@Nullable Lane opened, @Nullable Throwable failure, Supplier<AgentMessage.Builder> hello) {
        if (state == State.ENDED) {
            closeLane(opened);
        } else if (opened == null) {
            end(failure == null ? "no way to it" : reason(failure));
        } else {
            lane = opened;
            connect(() -> ControlChannels.through(opened.address(), way.endpoint()), hello);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return String.valueOf((cause == null ? failure : cause).getMessage());
    }

    private static void closeLane(GatewayLanes.@Nullable Lane opened) {
        if (opened != null) {
            opened.close();
        }
    }

    private interface Connecting {
        ManagedChannel open() throws IOException;
    }

    private void connect(Connecting connecting, Supplier<AgentMessage.Builder> hello) {
        try {
            SessionStream dialled = new SessionStream(connecting.open(), executor, new SessionStream.Events() {
                @Override
                public void received(SessionStream from, ControlMessage message) {
                    ControlSession.this.received(message);
                }

                @Override
                public void ended(SessionStream from, String why) {
                    end(why);
                }
            });
            stream = dialled;
            state = State.HELLO_SENT;
            dialled.send(hello.get());
            within("challenge", State.HELLO_SENT);
        } catch (IOException unusable) {
            end(String.valueOf(unusable.getMessage()));
        }
    }

    private void within(String missing, State waiting) {
        var unused = executor.schedule(
                () -> {
                    if (state == waiting) {
                        end("no " + missing + " within " + patience.toSeconds() + " s");
                    }
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    void send(AgentMessage.Builder message) {
        if (stream != null) {
            stream.send(message);
        }
    }

    private void received(ControlMessage message) {
        if (state == State.ENDED) {
            return;
        }
        switch (message.getBodyCase()) {
            case CHALLENGE -> prove(message.getChallenge());
            case WELCOME -> welcomed(message.getWelcome());
            case DRAIN -> {
                if (state == State.UP) {
                    owner.received(this, message);
                } else {
                    end("draining: " + message.getDrain().getReason());
                }
            }
            case DELTA -> onceUp(message, "a rule delta");
            case VIEW -> onceUp(message, "an answer about links");
            case SETUP, REGISTRATION, EXPLAINED, ROUTES, DIALLED_BACK, NEIGHBOURS, BODY_NOT_SET ->
                onceUp(message, "an answer");
        }
    }

    private void onceUp(ControlMessage message, String what) {
        if (state == State.UP) {
            owner.received(this, message);
        } else {
            end(what + " before the session was up");
        }
    }

    private void prove(Challenge challenge) {
        if (state != State.HELLO_SENT) {
            end("a second challenge");
            return;
        }
        try {
            send(AgentMessage.newBuilder().setProof(handshake.prove(challenge)));
            state = State.PROVED;
            within("welcome", State.PROVED);
        } catch (Handshake.ControlPlaneRefused refused) {
            end(String.valueOf(refused.getMessage()));
        }
    }

    private void welcomed(Welcome welcome) {
        if (state != State.PROVED) {
            end("welcomed before any proof");
            return;
        }
        state = State.UP;
        owner.welcomed(this, welcome);
    }

    /// Ends the session because of what the control plane did.
    void end(String why) {
        if (state != State.ENDED) {
            close();
            owner.ended(this, why);
        }
    }

    /// Ends the session from this side.
    void close() {
        state = State.ENDED;
        if (stream != null) {
            stream.close();
        }
        closeLane(lane);
    }
}
