package io.skywire.local.simulation;

import com.google.protobuf.ByteString;
import io.skywire.proto.v1.SetupFailure;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// An agent's requests for routes that wait for an answer. Asks again where the control plane could not work at the
/// moment. Safe for any thread.
final class AskedSetups {
    private static final long LITTLE_LATER = 300;
    private static final long GRACE = 1_000;

    private final SwarmParts parts;
    private final Consumer<SetupRequest> again;
    private final Map<ByteString, Asked> asked = new ConcurrentHashMap<>();

    private record Asked(SetupRequest request, long deadline, CompletableFuture<SetupResult> answer) {
        long leftMillis() {
            return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }

        SetupRequest remaining() {
            return request.toBuilder()
                    .setDeadlineMs((int) Math.max(1, leftMillis()))
                    .build();
        }
    }

    AskedSetups(SwarmParts parts, Consumer<SetupRequest> again) {
        this.parts = parts;
        this.again = again;
    }

    void add(SetupRequest request, CompletableFuture<SetupResult> answer) {
        long millis = request.getDeadlineMs();
        Asked waiting = new Asked(request, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), answer);
        asked.put(request.getRequestId(), waiting);
        var unused = parts.timers().schedule(() -> tooLate(waiting), millis + GRACE, TimeUnit.MILLISECONDS);
    }

    /// All that still waits, for a new session.
    List<SetupRequest> open() {
        return asked.values().stream().map(Asked::remaining).toList();
    }

    void answered(SetupResult result) {
        Asked waiting = asked.get(result.getRequestId());
        if (waiting == null) {
            return;
        }
        if (isPassing(result) && waiting.leftMillis() > LITTLE_LATER) {
            var unused = parts.timers()
                    .schedule(
                            () -> {
                                if (asked.containsKey(result.getRequestId())) {
                                    again.accept(waiting.remaining());
                                }
                            },
                            LITTLE_LATER,
                            TimeUnit.MILLISECONDS);
        } else if (asked.remove(result.getRequestId(), waiting)) {
            waiting.answer().complete(result);
        }
    }

    private static boolean isPassing(SetupResult result) {
        SetupFailureReason reason = result.getFailure().getReason();
        return result.hasFailure()
                && (reason == SetupFailureReason.SETUP_FAILURE_REASON_UNAVAILABLE
                        || reason == SetupFailureReason.SETUP_FAILURE_REASON_OVERLOADED);
    }

    private void tooLate(Asked waiting) {
        ByteString id = waiting.request().getRequestId();
        if (asked.remove(id, waiting)) {
            waiting.answer()
                    .complete(SetupResult.newBuilder()
                            .setRequestId(id)
                            .setFailure(SetupFailure.newBuilder()
                                    .setReason(SetupFailureReason.SETUP_FAILURE_REASON_UNAVAILABLE)
                                    .setDetail("no answer until the deadline"))
                            .build());
        }
    }
}
