package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Everybody at once: no deadlock, no lost change, and the events tell the same story as the database.
final class ConcurrentReportsTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final long SEED = 20_261_122;

    @Test
    void edgesThatReportAtOnceAgreeInTheEnd() throws Exception {
        List<KeyPair> nodes = TestKeys.pairs(6, SEED);
        List<SignedTransport> transports = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 1; j < nodes.size(); j++) {
                transports.add(DiscoveryRoom.transport(nodes.get(i), nodes.get(j)));
            }
        }
        try (DiscoveryRoom room = new DiscoveryRoom(POSTGRES.database(), 50);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (KeyPair node : nodes) {
                for (int session = 0; session < 2; session++) {
                    long seed = SEED + running.size();
                    running.add(threads.submit(() -> chatter(room, node, transports, new SplittableRandom(seed))));
                }
            }
            running.add(threads.submit(() -> {
                for (int i = 0; i < 40; i++) {
                    room.registry.expire(5);
                }
            }));
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }

            assertEventsMatch(room);
            for (KeyPair node : nodes) {
                room.registry.report(node.publicKey(), ReportKind.WHOLE_VIEW, claims(node, transports));
            }
            assertThat(room.registry.all())
                    .as("seed %s", SEED)
                    .hasSize(transports.size())
                    .allMatch(transport -> transport.up().isPresent());
            assertEventsMatch(room);
        }
    }

    private static void chatter(DiscoveryRoom room, KeyPair node, List<SignedTransport> all, SplittableRandom random) {
        List<TransportClaim> mine = claims(node, all);
        for (int i = 0; i < 25; i++) {
            TransportClaim claim = mine.get(random.nextInt(mine.size()));
            switch (random.nextInt(6)) {
                case 0 -> room.registry.renew(node.publicKey());
                case 1 -> room.report(node, DiscoveryRoom.down(claim.transport()));
                case 2 ->
                    room.registry.report(
                            node.publicKey(), ReportKind.WHOLE_VIEW, mine.subList(0, random.nextInt(mine.size())));
                case 3 -> room.registry.report(node.publicKey(), ReportKind.CHANGES, mine);
                case 4 -> room.registry.measured(node.publicKey(), measured(mine, random));
                default -> room.report(node, claim);
            }
            if (random.nextInt(10) == 0) {
                room.clock.advance(java.time.Duration.ofSeconds(20));
            }
        }
    }

    private static List<TransportClaim> measured(List<TransportClaim> claims, SplittableRandom random) {
        return claims.stream()
                .map(claim -> new TransportClaim(
                        claim.transport(),
                        claim.state(),
                        new LinkMeasurement(claim.measured().roundTrip(), random.nextInt(LinkMeasurement.WHOLE), 0, 0),
                        claim.maxPayload(),
                        claim.relays()))
                .toList();
    }

    private static List<TransportClaim> claims(KeyPair node, List<SignedTransport> all) {
        return all.stream()
                .filter(transport -> transport.entry().hasEdge(node.publicKey()))
                .map(DiscoveryRoom::up)
                .toList();
    }

    /// Whoever applies the events by revision ends where the database is.
    private static void assertEventsMatch(DiscoveryRoom room) {
        Map<TransportId, Long> revisions = new HashMap<>();
        Map<TransportId, Boolean> ups = new HashMap<>();
        for (Object event : room.events) {
            TransportId id = event instanceof TransportUp up ? up.id() : ((TransportDown) event).id();
            long revision = event instanceof TransportUp up ? up.revision() : ((TransportDown) event).revision();
            assertThat(revisions.getOrDefault(id, 0L))
                    .as("no revision of %s is told twice, seed %s", id, SEED)
                    .isNotEqualTo(revision);
            if (revision > revisions.getOrDefault(id, 0L)) {
                revisions.put(id, revision);
                ups.put(id, event instanceof TransportUp);
            }
        }
        for (RegisteredTransport transport : room.registry.all()) {
            assertThat(revisions.getOrDefault(transport.id(), 0L)).isEqualTo(transport.revision());
            assertThat(ups.getOrDefault(transport.id(), false))
                    .as("seed %s", SEED)
                    .isEqualTo(transport.up().isPresent());
        }
    }
}
