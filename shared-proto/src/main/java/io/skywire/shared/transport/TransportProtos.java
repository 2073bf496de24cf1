package io.skywire.shared.transport;

import com.google.protobuf.ByteString;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;

/// Between [SignedTransport] and its protobuf message. The only place that knows both.
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
}
