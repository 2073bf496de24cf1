package io.skywire.shared.transport;

import com.google.protobuf.ByteString;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.TransportView;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Between [SignedTransport], what is measured on it, and their protobuf messages. The only place that knows both.
public final class TransportProtos {
    private TransportProtos() {}

    public static io.skywire.proto.v1.SignedTransport toProto(SignedTransport signed) {
        return io.skywire.proto.v1.SignedTransport.newBuilder()
                .setId(ByteString.copyFrom(signed.id().bytes()))
                .setLowerEdge(ByteString.copyFrom(signed.entry().lower().bytes()))
                .setHigherEdge(ByteString.copyFrom(signed.entry().higher().bytes()))
                .setType(signed.entry().type().name())
                .setLowerSignature(ByteString.copyFrom(signed.lowerSignature().bytes()))
                .setHigherSignature(ByteString.copyFrom(signed.higherSignature().bytes()))
                .build();
    }

    /// @throws IllegalArgumentException if a part is malformed or the id does not follow from the rest
    public static SignedTransport fromProto(io.skywire.proto.v1.SignedTransport proto) {
        TransportEntry entry = new TransportEntry(
                TransportId.of(proto.getId().toByteArray()),
                PublicKey.of(proto.getLowerEdge().toByteArray()),
                PublicKey.of(proto.getHigherEdge().toByteArray()),
                new TransportType(proto.getType()));
        return new SignedTransport(
                entry,
                Signature.of(proto.getLowerSignature().toByteArray()),
                Signature.of(proto.getHigherSignature().toByteArray()));
    }

    /// A view of a transport that is up or down, as an edge tells it.
    public static TransportView toProto(SignedTransport signed, LinkState state, HeldTransport held) {
        LinkMeasurement measured = held.measured();
        TransportView.Builder view = TransportView.newBuilder()
                .setTransport(toProto(signed))
                .setState(state)
                .setRttUs((int) Math.min(measured.roundTripMicros(), Integer.MAX_VALUE))
                .setMaxPayload(held.maxPayload())
                .setLoss(measured.loss())
                .setLoad(measured.load())
                .setThroughputBytesPerSecond(measured.throughput());
        held.relays().forEach(relay -> view.addRelays(ByteString.copyFrom(relay.bytes())));
        return view.build();
    }

    /// What a view says of its link. Numbers beyond what the fields can mean come out negative.
    public static LinkMeasurement measurement(TransportView view) {
        long micros = Integer.toUnsignedLong(view.getRttUs());
        return new LinkMeasurement(
                micros == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(1000 * micros)),
                view.getLoss(),
                view.getLoad(),
                view.getThroughputBytesPerSecond());
    }

    /// The messaging servers that a view names.
    ///
    /// @throws IllegalArgumentException if there are more than [HeldTransport#MAX_RELAYS], or one is no key
    public static List<PublicKey> relays(TransportView view) {
        if (view.getRelaysCount() > HeldTransport.MAX_RELAYS) {
            throw new IllegalArgumentException(
                    "a view names at most " + HeldTransport.MAX_RELAYS + " relays, not " + view.getRelaysCount());
        }
        return view.getRelaysList().stream()
                .map(relay -> PublicKey.of(relay.toByteArray()))
                .toList();
    }
}
