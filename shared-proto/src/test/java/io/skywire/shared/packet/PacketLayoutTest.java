package io.skywire.shared.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.Vectors;
import io.skywire.shared.rule.RouteId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PacketLayoutTest {
    private final JsonNode packets = Vectors.controlPlane().at("/routing/packets_from_go_tests");

    @Test
    void writesThePacketsOfSkywiresTests() {
        byte[] foo = "foo".getBytes(StandardCharsets.US_ASCII);

        assertWrites("data_id2_foo", PacketType.DATA, 2, foo);
        assertWrites("close_id3_requested", PacketType.CLOSE, 3, new byte[] {0});
        assertWrites("keepalive_id4", PacketType.KEEP_ALIVE, 4, new byte[0]);
        assertWrites("error_id2_foo", PacketType.ERROR, 2, foo);
        assertWrites("ping_id4", PacketType.PING, 4, payloadOf("ping_id4"));
        assertWrites("pong_id4", PacketType.PONG, 4, payloadOf("pong_id4"));
    }

    @Test
    void readsTheHeadersOfSkywiresTests() {
        assertThat(packets.properties()).hasSize(7).allSatisfy(vector -> {
            byte[] shifted = new byte[3 + Vectors.hex(vector.getValue()).length];
            byte[] packet = Vectors.hex(vector.getValue());
            System.arraycopy(packet, 0, shifted, 3, packet.length);

            assertThat(PacketLayout.type(shifted, 3)).isEqualTo(packet[0]);
            assertThat(PacketLayout.routeId(shifted, 3)).isBetween(2, 4);
            assertThat(PacketLayout.payloadLength(shifted, 3)).isEqualTo(packet.length - PacketLayout.HEADER_LENGTH);
        });
    }

    @Test
    void hasNoTypeForSkywiresHandshakePacket() {
        byte[] handshake = Vectors.hex(packets.get("handshake_id4_encrypted"));

        assertThat(PacketType.ofNumber(PacketLayout.type(handshake, 0))).isEmpty();
    }

    @Test
    void knowsItsOwnNumbersAndNoOthers() {
        for (PacketType type : PacketType.values()) {
            assertThat(PacketType.ofNumber(type.number())).contains(type);
        }
        long known = java.util.stream.IntStream.rangeClosed(-1, 256)
                .filter(number -> PacketType.ofNumber(number).isPresent())
                .count();
        assertThat(known).isEqualTo(PacketType.values().length);
    }

    @Test
    void keepsUnsignedFieldsUnsigned() {
        byte[] packet = new byte[PacketLayout.HEADER_LENGTH];
        PacketLayout.writeHeader(packet, 0, PacketType.DATA, new RouteId(-1), 0xffff);

        assertThat(PacketLayout.payloadLength(packet, 0)).isEqualTo(0xffff);
        assertThat(new RouteId(PacketLayout.routeId(packet, 0)).value()).isEqualTo(4_294_967_295L);
        assertThat(HexFormat.of().formatHex(packet)).isEqualTo("00ffffffffffff");
        packet[0] = (byte) 0xfe;
        assertThat(PacketLayout.type(packet, 0)).isEqualTo(0xfe);
    }

    @Test
    void rewritesTheRouteIdAndNothingElse() {
        byte[] packet = PacketLayout.packet(PacketType.PROBE, new RouteId(7), new byte[] {1, 2, 3});
        byte[] before = packet.clone();

        PacketLayout.rewriteRouteId(packet, 0, 0x01020304);

        assertThat(PacketLayout.routeId(packet, 0)).isEqualTo(0x01020304);
        PacketLayout.rewriteRouteId(packet, 0, 7);
        assertThat(packet).isEqualTo(before);
    }

    @Test
    void refusesAPayloadThatTheLengthFieldCannotHold() {
        byte[] packet = new byte[PacketLayout.HEADER_LENGTH];
        for (int length : new int[] {-1, 0x10000}) {
            assertThatThrownBy(() -> PacketLayout.writeHeader(packet, 0, PacketType.DATA, new RouteId(1), length))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(length + " bytes");
        }
    }

    private void assertWrites(String name, PacketType type, int routeId, byte[] payload) {
        assertThat(PacketLayout.packet(type, new RouteId(routeId), payload))
                .as(name)
                .isEqualTo(Vectors.hex(packets.get(name)));
    }

    private byte[] payloadOf(String name) {
        byte[] packet = Vectors.hex(packets.get(name));
        return Arrays.copyOfRange(packet, PacketLayout.HEADER_LENGTH, packet.length);
    }
}
