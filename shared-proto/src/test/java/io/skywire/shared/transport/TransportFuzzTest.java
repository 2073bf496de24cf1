package io.skywire.shared.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;

/// Transports from strangers: a value that stays the same in every form, or `IllegalArgumentException`.
class TransportFuzzTest {
    @FuzzTest
    void signedTransport(byte[] data) throws Exception {
        io.skywire.proto.v1.SignedTransport proto;
        try {
            proto = io.skywire.proto.v1.SignedTransport.parseFrom(data);
        } catch (InvalidProtocolBufferException noMessage) {
            return;
        }
        try {
            SignedTransport signed = TransportProtos.fromProto(proto);
            assertThat(TransportProtos.fromProto(TransportProtos.toProto(signed)))
                    .isEqualTo(signed);
            assertThat(signed.isProven()).isEqualTo(signed.isProven());
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void transportId(byte[] data) {
        try {
            TransportId id = TransportId.parse(new String(data, StandardCharsets.UTF_8));
            assertThat(TransportId.parse(id.toString())).isEqualTo(id);
            assertThat(TransportId.of(id.bytes())).isEqualTo(id);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void transportType(byte[] data) {
        try {
            TransportType type = new TransportType(new String(data, StandardCharsets.UTF_8));
            assertThat(type.name()).isNotEmpty();
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
