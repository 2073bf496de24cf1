package io.skywire.control.agent;

import com.google.protobuf.ByteString;
import io.skywire.control.discovery.LinkState;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.control.rules.DeltaRefused;
import io.skywire.control.rules.RuleRefused;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.setup.FailureReason;
import io.skywire.control.setup.RequestId;
import io.skywire.control.setup.RouteRequest;
import io.skywire.control.setup.SetupOutcome;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.Constraints;
import io.skywire.proto.v1.DeltaNackReason;
import io.skywire.proto.v1.Established;
import io.skywire.proto.v1.RuleRefusal;
import io.skywire.proto.v1.SetupFailure;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupPhase;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.proto.v1.TransportView;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportProtos;
import io.skywire.shared.transport.ViewDigest;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Between the session's messages and the rooms' values. Every `from…` throws `IllegalArgumentException` with a
/// reason if a field is missing, malformed or over its bound.
final class AgentMessages {
    /// Nodes or transports that one request may name.
    private static final int MAX_NAMED = 256;

    private static final int MAX_TEXT = 300;

    private AgentMessages() {}

    static TransportClaim fromProto(TransportView view) {
        LinkState state = switch (view.getState()) {
            case LINK_STATE_UP -> LinkState.UP;
            case LINK_STATE_DOWN -> LinkState.DOWN;
            case LINK_STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("the view says no link state that is known here");
        };
        return new TransportClaim(
                TransportProtos.fromProto(view.getTransport()),
                state,
                TransportProtos.measurement(view),
                view.getMaxPayload(),
                TransportProtos.relays(view));
    }

    static ViewDigest fromProto(io.skywire.proto.v1.ViewDigest digest) {
        return ViewDigest.parse(
                digest.getCount(), digest.getBucketBits(), digest.getBuckets().toByteArray());
    }

    /// Numbers that no bucket can have are left out.
    static BitSet bucketsOf(BucketReport report) {
        BitSet buckets = new BitSet();
        report.getBucketsList().stream()
                .filter(bucket -> bucket >= 0 && bucket < 1 << ViewDigest.MAX_BITS)
                .forEach(buckets::set);
        return buckets;
    }

    static RouteRequest fromProto(SetupRequest request, PublicKey initiator) {
        RouteRequest.Wish wish = switch (request.getRouteCase()) {
            case CONSTRAINTS -> constraints(request.getConstraints());
            case PATH -> new RouteRequest.ExplicitPath(keys(request.getPath().getIntermediariesList()));
            case ROUTE_NOT_SET -> RouteRequest.Constraints.NONE;
        };
        return new RouteRequest(
                RequestId.of(request.getRequestId().toByteArray()),
                SessionUid.of(request.getSession().toByteArray()),
                initiator,
                PublicKey.of(request.getDestination().toByteArray()),
                Duration.ofMillis(Integer.toUnsignedLong(request.getDeadlineMs())),
                wish);
    }

    private static RouteRequest.Constraints constraints(Constraints proto) {
        bound(proto.getAvoidTransportsCount());
        Set<TransportId> transports = new HashSet<>();
        proto.getAvoidTransportsList().forEach(id -> transports.add(TransportId.of(id.toByteArray())));
        return new RouteRequest.Constraints(
                proto.getMinHops(),
                proto.getMaxHops(),
                new HashSet<>(keys(proto.getAvoidNodesList())),
                transports,
                proto.getDisjointFrom().isEmpty()
                        ? Optional.empty()
                        : Optional.of(RouteUid.of(proto.getDisjointFrom().toByteArray())));
    }

    private static List<PublicKey> keys(List<ByteString> keys) {
        bound(keys.size());
        return keys.stream().map(key -> PublicKey.of(key.toByteArray())).toList();
    }

    private static void bound(int named) {
        if (named > MAX_NAMED) {
            throw new IllegalArgumentException(
                    "a request names at most " + MAX_NAMED + " nodes or transports, not " + named);
        }
    }

    static RuleWatch.Refusal fromProto(RuleRefusal refusal) {
        RuleRefused.Reason reason = switch (refusal.getReason()) {
            case RULE_REFUSAL_REASON_KEY_TAKEN -> RuleRefused.Reason.KEY_TAKEN;
            case RULE_REFUSAL_REASON_NO_SUCH_TRANSPORT -> RuleRefused.Reason.NO_SUCH_TRANSPORT;
            case RULE_REFUSAL_REASON_TABLE_FULL -> RuleRefused.Reason.TABLE_FULL;
            case RULE_REFUSAL_REASON_MALFORMED, RULE_REFUSAL_REASON_UNSPECIFIED, UNRECOGNIZED ->
                RuleRefused.Reason.MALFORMED;
        };
        return new RuleWatch.Refusal(RuleProtos.fromProto(refusal.getRule()), reason, text(refusal.getDetail()));
    }

    static DeltaRefused.Reason fromProto(DeltaNackReason reason) {
        return switch (reason) {
            case DELTA_NACK_REASON_UNLISTED_SIGNER -> DeltaRefused.Reason.UNLISTED_SIGNER;
            case DELTA_NACK_REASON_BAD_SIGNATURE -> DeltaRefused.Reason.BAD_SIGNATURE;
            case DELTA_NACK_REASON_OTHER_NODE -> DeltaRefused.Reason.OTHER_NODE;
            case DELTA_NACK_REASON_OLD_REVISION -> DeltaRefused.Reason.OLD_REVISION;
            case DELTA_NACK_REASON_REVISION_GAP -> DeltaRefused.Reason.REVISION_GAP;
            case DELTA_NACK_REASON_MALFORMED, DELTA_NACK_REASON_UNSPECIFIED, UNRECOGNIZED ->
                DeltaRefused.Reason.MALFORMED;
        };
    }

    static SetupResult toProto(ByteString requestId, SetupOutcome outcome) {
        SetupResult.Builder result = SetupResult.newBuilder()
                .setRequestId(requestId)
                .addPhases(phase("find", outcome.times().find()))
                .addPhases(phase("write", outcome.times().write()))
                .addPhases(phase("install", outcome.times().install()))
                .addPhases(phase("probe", outcome.times().probe()));
        switch (outcome) {
            case SetupOutcome.Established done ->
                result.setEstablished(Established.newBuilder()
                        .setRoute(ByteString.copyFrom(done.route().bytes()))
                        .setHops(done.hops())
                        .setAttempts(done.plans()));
            case SetupOutcome.Failed failed ->
                result.setFailure(SetupFailure.newBuilder()
                        .setReason(toProto(failed.reason()))
                        .setHop(failed.hop().orElse(0))
                        .setHasHop(failed.hop().isPresent())
                        .setDetail(failed.detail()));
        }
        return result.build();
    }

    static SetupResult malformed(ByteString requestId, String detail) {
        return SetupResult.newBuilder()
                .setRequestId(requestId)
                .setFailure(SetupFailure.newBuilder()
                        .setReason(SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED)
                        .setDetail(text(detail)))
                .build();
    }

    private static SetupFailureReason toProto(FailureReason reason) {
        return switch (reason) {
            case NO_SUCH_NODE -> SetupFailureReason.SETUP_FAILURE_REASON_NO_SUCH_NODE;
            case NO_ROUTE -> SetupFailureReason.SETUP_FAILURE_REASON_NO_ROUTE;
            case INVALID_PATH -> SetupFailureReason.SETUP_FAILURE_REASON_INVALID_PATH;
            case REFUSED -> SetupFailureReason.SETUP_FAILURE_REASON_REFUSED;
            case SILENT -> SetupFailureReason.SETUP_FAILURE_REASON_SILENT;
            case PROBE_UNANSWERED -> SetupFailureReason.SETUP_FAILURE_REASON_PROBE_UNANSWERED;
            case MALFORMED -> SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED;
            case UNAVAILABLE -> SetupFailureReason.SETUP_FAILURE_REASON_UNAVAILABLE;
            case OVERLOADED -> SetupFailureReason.SETUP_FAILURE_REASON_OVERLOADED;
        };
    }

    private static SetupPhase phase(String name, Duration took) {
        return SetupPhase.newBuilder()
                .setName(name)
                .setMicros((int) Math.min(Integer.MAX_VALUE, took.toNanos() / 1000))
                .build();
    }

    /// Foreign text, cut to what anybody wants to read.
    static String text(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }
}
