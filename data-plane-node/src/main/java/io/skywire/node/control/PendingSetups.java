package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.node.session.RouteRequests;
import io.skywire.proto.v1.AgentMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/// Setup requests that wait for an answer. Bounded; not thread-safe.
///
/// A request keeps its id when it is sent again over a new session, so it cannot be carried out twice.
final class PendingSetups {
    private static final int MOST = 256;

    private final Map<ByteString, Pending> byId = new LinkedHashMap<>();
    private final LongSupplier nanos;

    PendingSetups(LongSupplier nanos) {
        this.nanos = nanos;
    }

    private record Pending(
            byte[] id,
            RouteRequests.Request request,
            long deadlineNanos,
            CompletableFuture<RouteRequests.Answer> answer) {}

    /// The message to send, or nothing if too many wait already (then `answer` is completed).
    Optional<AgentMessage.Builder> add(
            byte[] id, RouteRequests.Request request, CompletableFuture<RouteRequests.Answer> answer) {
        if (byId.size() >= MOST) {
            answer.complete(failed(RouteRequests.Reason.OVERLOADED, MOST + " setups of this node wait already"));
            return Optional.empty();
        }
        Pending pending =
                new Pending(id, request, nanos.getAsLong() + request.deadline().toNanos(), answer);
        byId.put(ByteString.copyFrom(id), pending);
        return Optional.of(message(pending));
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    /// Everything that still waits, for a new session.
    List<AgentMessage.Builder> again() {
        List<AgentMessage.Builder> messages = new ArrayList<>();
        byId.values().forEach(pending -> messages.add(message(pending)));
        return messages;
    }

    void complete(ByteString id, RouteRequests.Answer answer) {
        Pending pending = byId.remove(id);
        if (pending != null) {
            pending.answer().complete(answer);
        }
    }

    /// Gives up on `id` if it still waits.
    void expire(byte[] id, RouteRequests.Reason reason, String detail) {
        complete(ByteString.copyFrom(id), failed(reason, detail));
    }

    void failAll(RouteRequests.Reason reason, String detail) {
        List<Pending> all = new ArrayList<>(byId.values());
        byId.clear();
        all.forEach(pending -> pending.answer().complete(failed(reason, detail)));
    }

    static RouteRequests.Answer failed(RouteRequests.Reason reason, String detail) {
        return new RouteRequests.Answer.Failed(reason, OptionalInt.empty(), detail, List.of());
    }

    private AgentMessage.Builder message(Pending pending) {
        Duration remaining = Duration.ofNanos(Math.max(1_000_000, pending.deadlineNanos() - nanos.getAsLong()));
        return AgentMessage.newBuilder()
                .setSetup(ControlProtos.setupRequest(pending.id(), pending.request(), remaining));
    }
}
