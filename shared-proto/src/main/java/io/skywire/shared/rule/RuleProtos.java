package io.skywire.shared.rule;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.proto.v1.Consume;
import io.skywire.proto.v1.DeltaKind;
import io.skywire.proto.v1.Forward;
import io.skywire.proto.v1.Relay;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;

/// Between rules and their protobuf messages. The only place that knows both.
///
/// Every `from…` throws `IllegalArgumentException` with a reason if a field is missing or malformed.
public final class RuleProtos {
    private RuleProtos() {}

    public static io.skywire.proto.v1.RuleDelta toProto(RuleDelta delta) {
        io.skywire.proto.v1.RuleDelta.Builder proto = io.skywire.proto.v1.RuleDelta.newBuilder()
                .setNode(bytes(delta.node().bytes()))
                .setKind(
                        switch (delta.kind()) {
                            case INCREMENT -> DeltaKind.DELTA_KIND_INCREMENT;
                            case SNAPSHOT -> DeltaKind.DELTA_KIND_SNAPSHOT;
                        })
                .setBaseRevision(delta.baseRevision())
                .setRevision(delta.revision())
                .setSignedAtEpochMs(delta.signedAt().toEpochMilli());
        delta.removals().forEach(key -> proto.addRemovals(toProto(key)));
        delta.upserts().forEach(rule -> proto.addUpserts(toProto(rule)));
        return proto.build();
    }

    public static RuleDelta parseDelta(byte[] bytes) {
        io.skywire.proto.v1.RuleDelta proto;
        try {
            proto = io.skywire.proto.v1.RuleDelta.parseFrom(bytes);
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalArgumentException("the delta's bytes are not a RuleDelta", malformed);
        }
        RuleDelta.Kind kind = switch (proto.getKind()) {
            case DELTA_KIND_INCREMENT -> RuleDelta.Kind.INCREMENT;
            case DELTA_KIND_SNAPSHOT -> RuleDelta.Kind.SNAPSHOT;
            case DELTA_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("the delta has no kind that is known here");
        };
        return new RuleDelta(
                PublicKey.of(proto.getNode().toByteArray()),
                kind,
                proto.getBaseRevision(),
                proto.getRevision(),
                proto.getRemovalsList().stream().map(RuleProtos::fromProto).toList(),
                proto.getUpsertsList().stream().map(RuleProtos::fromProto).toList(),
                Instant.ofEpochMilli(proto.getSignedAtEpochMs()));
    }

    public static io.skywire.proto.v1.RuleKey toProto(RuleKey key) {
        io.skywire.proto.v1.RuleKey.Builder proto = io.skywire.proto.v1.RuleKey.newBuilder();
        switch (key) {
            case RuleKey.Ingress ingress ->
                proto.setIngress(io.skywire.proto.v1.RuleKey.Ingress.newBuilder()
                        .setTransport(bytes(ingress.transport().bytes()))
                        .setRouteId(ingress.routeId().bits()));
            case RuleKey.ForwardOf forward ->
                proto.setForwardOfRoute(bytes(forward.route().bytes()));
        }
        return proto.build();
    }

    public static RuleKey fromProto(io.skywire.proto.v1.RuleKey proto) {
        return switch (proto.getKindCase()) {
            case INGRESS ->
                new RuleKey.Ingress(
                        TransportId.of(proto.getIngress().getTransport().toByteArray()),
                        new RouteId(proto.getIngress().getRouteId()));
            case FORWARD_OF_ROUTE ->
                new RuleKey.ForwardOf(RouteUid.of(proto.getForwardOfRoute().toByteArray()));
            case KIND_NOT_SET -> throw new IllegalArgumentException("a rule key names no rule");
        };
    }

    public static io.skywire.proto.v1.Rule toProto(Rule rule) {
        io.skywire.proto.v1.Rule.Builder proto = io.skywire.proto.v1.Rule.newBuilder()
                .setIdleTimeoutMs(Math.toIntExact(rule.idleTimeout().toMillis()));
        switch (rule) {
            case Rule.Forward forward ->
                proto.setForward(Forward.newBuilder()
                        .setRoute(bytes(forward.route().bytes()))
                        .setSession(bytes(forward.session().bytes()))
                        .setEnd(
                                switch (forward.end()) {
                                    case INITIATOR -> io.skywire.proto.v1.RouteEnd.ROUTE_END_INITIATOR;
                                    case RESPONDER -> io.skywire.proto.v1.RouteEnd.ROUTE_END_RESPONDER;
                                })
                        .setPeer(bytes(forward.peer().bytes()))
                        .setEgress(bytes(forward.egress().bytes()))
                        .setEgressId(forward.egressId().bits())
                        .setMaxPayload(forward.maxPayload()));
            case Rule.Relay relay ->
                proto.setRelay(Relay.newBuilder()
                        .setIngress(bytes(relay.ingress().bytes()))
                        .setIngressId(relay.ingressId().bits())
                        .setEgress(bytes(relay.egress().bytes()))
                        .setEgressId(relay.egressId().bits()));
            case Rule.Consume consume ->
                proto.setConsume(Consume.newBuilder()
                        .setRoute(bytes(consume.route().bytes()))
                        .setPeer(bytes(consume.peer().bytes()))
                        .setIngress(bytes(consume.ingress().bytes()))
                        .setIngressId(consume.ingressId().bits()));
        }
        return proto.build();
    }

    public static Rule fromProto(io.skywire.proto.v1.Rule proto) {
        Duration idleTimeout = idleTimeout(proto.getIdleTimeoutMs());
        return switch (proto.getKindCase()) {
            case FORWARD -> {
                Forward forward = proto.getForward();
                yield new Rule.Forward(
                        RouteUid.of(forward.getRoute().toByteArray()),
                        SessionUid.of(forward.getSession().toByteArray()),
                        switch (forward.getEnd()) {
                            case ROUTE_END_INITIATOR -> RouteEnd.INITIATOR;
                            case ROUTE_END_RESPONDER -> RouteEnd.RESPONDER;
                            case ROUTE_END_UNSPECIFIED, UNRECOGNIZED ->
                                throw new IllegalArgumentException("a forward rule says no end that is known here");
                        },
                        PublicKey.of(forward.getPeer().toByteArray()),
                        TransportId.of(forward.getEgress().toByteArray()),
                        routeId(forward.getEgressId()),
                        payloadLimit(forward.getMaxPayload()),
                        idleTimeout);
            }
            case RELAY -> {
                Relay relay = proto.getRelay();
                yield new Rule.Relay(
                        TransportId.of(relay.getIngress().toByteArray()),
                        routeId(relay.getIngressId()),
                        TransportId.of(relay.getEgress().toByteArray()),
                        routeId(relay.getEgressId()),
                        idleTimeout);
            }
            case CONSUME -> {
                Consume consume = proto.getConsume();
                yield new Rule.Consume(
                        RouteUid.of(consume.getRoute().toByteArray()),
                        PublicKey.of(consume.getPeer().toByteArray()),
                        TransportId.of(consume.getIngress().toByteArray()),
                        routeId(consume.getIngressId()),
                        idleTimeout);
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("a rule has no kind that is known here");
        };
    }

    public static io.skywire.proto.v1.SignedRuleDelta toProto(SignedRuleDelta signed) {
        return io.skywire.proto.v1.SignedRuleDelta.newBuilder()
                .setDelta(bytes(signed.delta()))
                .setSetupKey(bytes(signed.setupKey()))
                .setSignature(bytes(signed.signature()))
                .build();
    }

    public static SignedRuleDelta fromProto(io.skywire.proto.v1.SignedRuleDelta proto) {
        return SignedRuleDelta.of(
                proto.getDelta().toByteArray(),
                proto.getSetupKey().toByteArray(),
                proto.getSignature().toByteArray());
    }

    private static Duration idleTimeout(int millis) {
        if (millis <= 0) {
            throw new IllegalArgumentException("an idle timeout lies between 1 and " + Integer.MAX_VALUE + " ms, not "
                    + Integer.toUnsignedString(millis));
        }
        return Duration.ofMillis(millis);
    }

    private static RouteId routeId(int bits) {
        if (bits == 0) {
            throw new IllegalArgumentException("route id 0 is the link itself and never has a rule");
        }
        return new RouteId(bits);
    }

    private static int payloadLimit(int bytes) {
        if (bytes < 1 || bytes > PacketLayout.MAX_PAYLOAD) {
            throw new IllegalArgumentException("a payload limit lies between 1 and " + PacketLayout.MAX_PAYLOAD
                    + " bytes, not " + Integer.toUnsignedString(bytes));
        }
        return bytes;
    }

    private static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }
}
