package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.metrics.LinkTraffic;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeCountersTest {
    private static final KeyPair SELF = KeyPair.generate(new Random(1));
    private static final KeyPair PEER = KeyPair.generate(new Random(2));

    private final NodeCounters counters = new NodeCounters();

    private static TransportSnapshot link(TransportType type, long packets) {
        return new TransportSnapshot(
                TransportId.between(SELF.publicKey(), PEER.publicKey(), type),
                type,
                PEER.publicKey(),
                "127.0.0.1:1",
                TransportSnapshot.Opener.US,
                "none",
                Instant.EPOCH,
                LinkMeasurement.NONE,
                packets,
                packets * 100,
                packets + 1,
                packets * 100 + 1,
                packets + 2,
                0);
    }

    @Test
    void keepsWhatALinkCarriedThatIsGone() {
        counters.linkEnded(link(TransportType.TCP, 10));
        counters.linkEnded(link(TransportType.TCP, 5));
        counters.linkEnded(link(TransportType.MESSAGING, 3));

        assertThat(counters.traffic(TransportType.TCP, List.of())).isEqualTo(new LinkTraffic(15, 1500, 17, 1502, 19));
        assertThat(counters.traffic(TransportType.MESSAGING, List.of())).isEqualTo(new LinkTraffic(3, 300, 4, 301, 5));
    }

    @Test
    void addsUpAndKeepsTheLargerOfEach() {
        LinkTraffic before = LinkTraffic.NONE.max(new LinkTraffic(7, 7, 7, 7, 7));

        assertThat(before.max(new LinkTraffic(3, 9, 3, 9, 3))).isEqualTo(new LinkTraffic(7, 9, 7, 9, 7));
        assertThat(before.plus(before)).isEqualTo(new LinkTraffic(14, 14, 14, 14, 14));
    }
}
