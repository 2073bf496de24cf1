package io.skywire.shared.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeFactsTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.7:7777, 192.0.2.7:7777",
        "Node-1.Example.ORG:1, node-1.example.org:1",
        "localhost:65535, localhost:65535",
        "[2001:DB8::7]:7777, [2001:db8:0:0:0:0:0:7]:7777",
        "[::ffff:192.0.2.7]:80, 192.0.2.7:80",
        "3com.example:80, 3com.example:80"
    })
    void anAddressHasOneText(String told, String normal) {
        assertThat(NodeAddress.parse(told)).hasToString(normal);
        assertThat(NodeAddress.parse(normal)).isEqualTo(NodeAddress.parse(told));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":7777",
                "host",
                "host:",
                "host:0",
                "host:65536",
                "host:07",
                "host:+7",
                "host:7 ",
                "ho st:7",
                "host\n:7",
                "-host:7",
                "host-:7",
                "ho..st:7",
                "höst:7",
                "[host]:7",
                "[192.0.2.7]:7",
                "::1:7",
                "[::1:7",
                "[]:7",
                "[fe80::1%eth0]:7",
                "0.0.0.0:7",
                "[::]:7",
                "224.0.0.1:7",
                "[ff02::1]:7",
                "1.2.3:7",
                "1.2.3.4.5:7",
                "256.1.1.1:7",
                "01.2.3.4:7",
                "0x7f000001:7",
                "2130706433:7",
                "example.0x1:7"
            })
    void refusesWhatNobodyCanDial(String told) {
        assertThatIllegalArgumentException().isThrownBy(() -> NodeAddress.parse(told));
    }

    @Test
    void anAddressHasAnEnd() {
        String label = "a".repeat(63) + ".";
        String longest = label.repeat(3) + "a".repeat(56);
        assertThat(NodeAddress.parse(longest + ":65535").toString()).hasSize(254);

        assertThatIllegalArgumentException().isThrownBy(() -> NodeAddress.parse(longest + "a:65535"));
        assertThatIllegalArgumentException().isThrownBy(() -> NodeAddress.parse("a".repeat(64) + ":1"));
    }

    @Test
    void eightAddressesAndNoMoreEachOnce() {
        NodeFacts facts = NodeFacts.publicAt(List.of(address(1), address(2), address(1)));
        assertThat(facts.addresses()).containsExactly(address(1), address(2));
        assertThat(NodeProtos.fromProto(NodeProtos.toProto(facts))).isEqualTo(facts);

        assertThat(NodeFacts.publicAt(addresses(8)).addresses()).hasSize(8);
        assertThatIllegalArgumentException().isThrownBy(() -> NodeFacts.publicAt(addresses(9)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeProtos.fromProto(io.skywire.proto.v1.NodeFacts.newBuilder()
                        .setPublic(true)
                        .addAllAddresses(
                                addresses(9).stream().map(NodeAddress::toString).toList())
                        .build()));
    }

    @Test
    void aHiddenNodesAddressesAreDropped() {
        io.skywire.proto.v1.NodeFacts told = io.skywire.proto.v1.NodeFacts.newBuilder()
                .addAddresses("192.0.2.7:7777")
                .build();

        assertThat(NodeProtos.fromProto(told)).isEqualTo(NodeFacts.HIDDEN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NodeFacts(NodeFacts.Visibility.HIDDEN, List.of(address(1))));
    }

    private static List<NodeAddress> addresses(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(NodeFactsTest::address).toList();
    }

    private static NodeAddress address(int number) {
        return new NodeAddress("192.0.2." + number, 7777);
    }
}
