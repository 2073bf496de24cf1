package io.skywire.control.agent;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.ControlMessage;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// The gRPC service that agents dial.
///
/// Each call's messages come in order on a virtual thread (platform's executor), and the next is asked for when one has
/// been handled: an agent that sends faster than it is served waits in its own TCP window.
@Component
final class AgentService extends AgentSessionsGrpc.AgentSessionsImplBase {
    private final AgentRooms rooms;
    private final AgentSessions sessions;

    AgentService(AgentRooms rooms, AgentSessions sessions) {
        this.rooms = rooms;
        this.sessions = sessions;
    }

    @Override
    public StreamObserver<AgentMessage> open(StreamObserver<ControlMessage> responses) {
        ServerCallStreamObserver<ControlMessage> stream = (ServerCallStreamObserver<ControlMessage>) responses;
        stream.disableAutoRequest();
        Optional<Status> full = sessions.admit();
        if (full.isPresent()) {
            stream.onError(full.get().asRuntimeException());
            return new Deaf();
        }
        AgentSession session = new AgentSession(
                rooms, sessions, new Outbound(stream, rooms.settings().outbound()), CallerAddress.current());
        sessions.opened(session);
        stream.setOnReadyHandler(session::ready);
        stream.setOnCancelHandler(() -> session.end(Optional.of(Status.CANCELLED)));
        stream.request(1);
        return new StreamObserver<>() {
            @Override
            public void onNext(AgentMessage message) {
                session.receive(message);
                stream.request(1);
            }

            @Override
            public void onError(Throwable cause) {
                session.end(Optional.of(Status.fromThrowable(cause)));
            }

            @Override
            public void onCompleted() {
                session.end(Optional.empty());
            }
        };
    }

    /// Hears what arrives for a call that has been refused.
    private static final class Deaf implements StreamObserver<AgentMessage> {
        @Override
        public void onNext(AgentMessage message) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }
}
