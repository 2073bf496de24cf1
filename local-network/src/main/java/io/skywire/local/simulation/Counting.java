package io.skywire.local.simulation;

import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The counters behind [SwarmCounts]. Safe for any thread.
final class Counting {
    private static final int MOST_KINDS = 32;
    private static final List<String> OF_THE_TRANSPORT = List.of(
            "Network closed", "io exception", "GOAWAY", "Connection closed", "Connection closing", "Keepalive failed");

    final LongAdder opens = new LongAdder();
    final LongAdder registrations = new LongAdder();
    final LongAdder agreements = new LongAdder();
    private final LongAdder refusedConnects = new LongAdder();
    private final LongAdder serverErrors = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private final LongAdder toldToWait = new LongAdder();
    private final LongAdder cuts = new LongAdder();
    private final Map<String, LongAdder> endings = new ConcurrentHashMap<>();

    /// How a session ended, as its two parties see it.
    enum Ending {
        REFUSED_CONNECT,
        CUT,
        SERVER_ERROR,
        REFUSED,
        TOLD_TO_WAIT,
        COMPLETED
    }

    /// @param heard whether the control plane had said anything in this session
    void ended(Status status, boolean heard) {
        Ending ending = judge(status, heard);
        switch (ending) {
            case REFUSED_CONNECT -> refusedConnects.increment();
            case CUT -> cuts.increment();
            case SERVER_ERROR -> serverErrors.increment();
            case REFUSED -> refusals.increment();
            case TOLD_TO_WAIT -> toldToWait.increment();
            case COMPLETED -> {}
        }
        if (!heard && ending != Ending.REFUSED_CONNECT) {
            opens.increment();
        }
        String kind = ending + " " + status.getCode() + ": " + status.getDescription();
        if (endings.size() < MOST_KINDS || endings.containsKey(kind)) {
            endings.computeIfAbsent(kind, one -> new LongAdder()).increment();
        }
    }

    /// A status with a cause was made by this side's transport; one without came over the wire.
    static Ending judge(Status status, boolean heard) {
        boolean local = status.getCause() != null || isOfTheTransport(status);
        return switch (status.getCode()) {
            case OK -> Ending.COMPLETED;
            case UNAVAILABLE -> local ? heard ? Ending.CUT : Ending.REFUSED_CONNECT : Ending.SERVER_ERROR;
            case RESOURCE_EXHAUSTED -> Ending.TOLD_TO_WAIT;
            case CANCELLED -> local || heard ? Ending.CUT : Ending.SERVER_ERROR;
            case INTERNAL, UNKNOWN, DATA_LOSS, DEADLINE_EXCEEDED, UNIMPLEMENTED -> Ending.SERVER_ERROR;
            case INVALID_ARGUMENT,
                    UNAUTHENTICATED,
                    PERMISSION_DENIED,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE -> Ending.REFUSED;
        };
    }

    /// What grpc-java says of a connection that ended under a call, without a cause.
    private static boolean isOfTheTransport(Status status) {
        String text = String.valueOf(status.getDescription());
        return OF_THE_TRANSPORT.stream().anyMatch(text::contains);
    }

    SwarmCounts counts() {
        Map<String, Long> kinds = new TreeMap<>();
        endings.forEach((kind, count) -> kinds.put(kind, count.sum()));
        return new SwarmCounts(
                refusedConnects.sum(),
                opens.sum(),
                registrations.sum(),
                agreements.sum(),
                serverErrors.sum(),
                refusals.sum(),
                toldToWait.sum(),
                cuts.sum(),
                kinds);
    }
}
