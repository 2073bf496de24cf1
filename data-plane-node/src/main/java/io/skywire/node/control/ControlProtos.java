package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.node.router.RoutingTable;
import io.skywire.node.rules.DeltaOutcome;
import io.skywire.node.session.RouteRequests;
import io.skywire.proto.v1.Constraints;
import io.skywire.proto.v1.DeltaAck;
import io.skywire.proto.v1.DeltaNack;
import io.skywire.proto.v1.DeltaNackReason;
import io.skywire.proto.v1.ExplainQuestion;
import io.skywire.proto.v1.ExplicitPath;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.RouteMetric;
import io.skywire.proto.v1.RuleRefusal;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.proto.v1.SetupFailure;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleReceipt;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/// Between this node's values and the session's messages. The only place that knows both.
final class ControlProtos {
    private ControlProtos() {}

    static SetupRequest setupRequest(byte[] requestId, RouteRequests.Request request, Duration remaining) {
        SetupRequest.Builder proto = SetupRequest.newBuilder()
                .setRequestId(ByteString.copyFrom(requestId))
                .setSession(ByteString.copyFrom(request.session().bytes()))
                .setDestination(ByteString.copyFrom(request.destination().bytes()))
                .setDeadlineMs(Math.toIntExact(remaining.toMillis()));
        switch (request.path()) {
            case RouteRequests.Path.Any any -> {
                Constraints.Builder constraints =
                        Constraints.newBuilder().setMinHops(any.minHops()).setMaxHops(any.maxHops());
                any.avoidNodes().forEach(node -> constraints.addAvoidNodes(ByteString.copyFrom(node.bytes())));
                any.avoidTransports()
                        .forEach(transport -> constraints.addAvoidTransports(ByteString.copyFrom(transport.bytes())));
                any.disjointFrom().ifPresent(route -> constraints.setDisjointFrom(ByteString.copyFrom(route.bytes())));
                proto.setConstraints(constraints);
            }
            case RouteRequests.Path.Explicit explicit -> {
                ExplicitPath.Builder path = ExplicitPath.newBuilder();
                explicit.intermediaries().forEach(node -> path.addIntermediaries(ByteString.copyFrom(node.bytes())));
                proto.setPath(path);
            }
        }
        return proto.build();
    }

    /// @throws IllegalArgumentException if the message lacks what it must hold
    static RouteRequests.Answer answer(SetupResult result) {
        List<RouteRequests.Phase> phases = result.getPhasesList().stream()
                .map(phase -> new RouteRequests.Phase(
                        phase.getName(), Duration.ofNanos(1000L * Integer.toUnsignedLong(phase.getMicros()))))
                .toList();
        return switch (result.getOutcomeCase()) {
            case ESTABLISHED ->
                new RouteRequests.Answer.Established(
                        RouteUid.of(result.getEstablished().getRoute().toByteArray()),
                        result.getEstablished().getHops(),
                        result.getEstablished().getAttempts(),
                        phases);
            case FAILURE -> {
                SetupFailure failure = result.getFailure();
                yield new RouteRequests.Answer.Failed(
                        switch (failure.getReason()) {
                            case SETUP_FAILURE_REASON_NO_SUCH_NODE -> RouteRequests.Reason.NO_SUCH_NODE;
                            case SETUP_FAILURE_REASON_NO_ROUTE -> RouteRequests.Reason.NO_ROUTE;
                            case SETUP_FAILURE_REASON_INVALID_PATH -> RouteRequests.Reason.INVALID_PATH;
                            case SETUP_FAILURE_REASON_REFUSED -> RouteRequests.Reason.REFUSED;
                            case SETUP_FAILURE_REASON_SILENT -> RouteRequests.Reason.SILENT;
                            case SETUP_FAILURE_REASON_PROBE_UNANSWERED -> RouteRequests.Reason.PROBE_UNANSWERED;
                            case SETUP_FAILURE_REASON_OVERLOADED -> RouteRequests.Reason.OVERLOADED;
                            case SETUP_FAILURE_REASON_UNAVAILABLE -> RouteRequests.Reason.UNAVAILABLE;
                            case SETUP_FAILURE_REASON_MALFORMED, SETUP_FAILURE_REASON_UNSPECIFIED, UNRECOGNIZED ->
                                RouteRequests.Reason.MALFORMED;
                        },
                        failure.getHasHop() ? OptionalInt.of(failure.getHop()) : OptionalInt.empty(),
                        failure.getDetail(),
                        phases);
            }
            case OUTCOME_NOT_SET -> throw new IllegalArgumentException("a setup result without an outcome");
        };
    }

    /// With a receipt for the delta, unless a rule of it was refused.
    static DeltaAck ack(PushedDelta pushed, DeltaOutcome.Applied applied, KeyPair node) {
        DeltaAck ack = ack(pushed.getNonce(), applied);
        return applied.refusals().isEmpty()
                ? ack.toBuilder()
                        .setReceipt(ByteString.copyFrom(RuleReceipt.sign(
                                        node,
                                        applied.revision(),
                                        pushed.getDelta().getDelta().toByteArray())
                                .bytes()))
                        .build()
                : ack;
    }

    private static DeltaAck ack(long nonce, DeltaOutcome.Applied applied) {
        DeltaAck.Builder proto = DeltaAck.newBuilder().setNonce(nonce).setRevision(applied.revision());
        for (RoutingTable.Refusal refusal : applied.refusals()) {
            proto.addRefused(RuleRefusal.newBuilder()
                    .setRule(RuleProtos.toProto(refusal.rule()))
                    .setReason(
                            switch (refusal.reason()) {
                                case KEY_TAKEN -> RuleRefusalReason.RULE_REFUSAL_REASON_KEY_TAKEN;
                                case NO_SUCH_TRANSPORT -> RuleRefusalReason.RULE_REFUSAL_REASON_NO_SUCH_TRANSPORT;
                                case TABLE_FULL -> RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL;
                                case MALFORMED -> RuleRefusalReason.RULE_REFUSAL_REASON_MALFORMED;
                            })
                    .setDetail(refusal.detail()));
        }
        return proto.build();
    }

    static DeltaNack nack(long nonce, DeltaOutcome.Refused refused) {
        return DeltaNack.newBuilder()
                .setNonce(nonce)
                .setRevision(refused.revision())
                .setReason(
                        switch (refused.reason()) {
                            case UNLISTED_SIGNER -> DeltaNackReason.DELTA_NACK_REASON_UNLISTED_SIGNER;
                            case BAD_SIGNATURE -> DeltaNackReason.DELTA_NACK_REASON_BAD_SIGNATURE;
                            case OTHER_NODE -> DeltaNackReason.DELTA_NACK_REASON_OTHER_NODE;
                            case OLD_REVISION -> DeltaNackReason.DELTA_NACK_REASON_OLD_REVISION;
                            case REVISION_GAP -> DeltaNackReason.DELTA_NACK_REASON_REVISION_GAP;
                            case MALFORMED -> DeltaNackReason.DELTA_NACK_REASON_MALFORMED;
                        })
                .setDetail(refused.detail())
                .build();
    }

    static ExplainQuestion explainQuestion(ByteString id, RouteWhy question) {
        ExplainQuestion.Builder proto = ExplainQuestion.newBuilder()
                .setQuestionId(id)
                .setTo(ByteString.copyFrom(question.to().bytes()))
                .setMetric(
                        switch (question.metric()) {
                            case COST -> RouteMetric.ROUTE_METRIC_COST;
                            case HOPS -> RouteMetric.ROUTE_METRIC_HOPS;
                        })
                .setMinHops(question.minHops())
                .setMaxHops(question.maxHops());
        question.avoid().forEach(key -> proto.addAvoidNodes(ByteString.copyFrom(key.bytes())));
        return proto.build();
    }
}
