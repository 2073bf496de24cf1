package io.skywire.shared.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;

/// What a node says of itself: a value that stays the same in every form, or `IllegalArgumentException`.
class NodeFuzzTest {
    @FuzzTest
    void address(byte[] data) {
        try {
            NodeAddress address = NodeAddress.parse(new String(data, StandardCharsets.UTF_8));
            assertThat(NodeAddress.parse(address.toString())).isEqualTo(address);
            assertThat(address.toString())
                    .hasSizeLessThanOrEqualTo(NodeAddress.LONGEST)
                    .isPrintable();
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void facts(byte[] data) throws Exception {
        io.skywire.proto.v1.NodeFacts proto;
        try {
            proto = io.skywire.proto.v1.NodeFacts.parseFrom(data);
        } catch (InvalidProtocolBufferException noMessage) {
            return;
        }
        try {
            NodeFacts facts = NodeProtos.fromProto(proto);
            assertThat(NodeProtos.fromProto(NodeProtos.toProto(facts))).isEqualTo(facts);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
