package io.skywire.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.discovery.RegisteredTransport;
import io.skywire.control.discovery.ReportKind;
import io.skywire.control.discovery.ReportOutcome;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.control.discovery.TransportDown;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.discovery.TransportUp;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.identity.NodeJoined;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TopologyHolderTest {
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(40, 9).stream().map(KeyPair::publicKey).toList();
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Instant MEASURED = new FakeClock().instant().minusSeconds(60);

    private final List<RegisteredTransport> registered = new CopyOnWriteArrayList<>();
    private final List<PublicKey> known = new CopyOnWriteArrayList<>();
    private final TopologyHolder holder = new TopologyHolder(
            new StillRegistry(registered), new StillDirectory(known), new FakeClock(), new SimpleMeterRegistry());

    @AfterEach
    void close() throws InterruptedException {
        holder.destroy();
    }

    @Test
    void holdsWhatIsRegisteredFromTheStart() {
        TransportUp up = up(0, 1, 1);
        registered.add(new RegisteredTransport(up.id(), up.lower(), up.higher(), Optional.of(up), 1));
        TransportUp away = up(1, 2, 2);
        registered.add(new RegisteredTransport(away.id(), away.lower(), away.higher(), Optional.empty(), 2));
        known.add(KEYS.get(3));

        holder.afterPropertiesSet();

        Topology topology = holder.current();
        assertThat(topology.transportCount()).isEqualTo(1);
        assertThat(List.of(0, 1, 2, 3)).allMatch(i -> topology.find(KEYS.get(i)).isPresent());
        assertThat(topology.find(KEYS.get(4))).isEmpty();
        int third = topology.find(KEYS.get(2)).orElseThrow();
        assertThat(topology.lanes(third)).isEmpty();
    }

    @Test
    void followsTheEvents() {
        holder.afterPropertiesSet();
        long version = holder.current().version();

        holder.up(up(0, 1, 1));
        await().atMost(SOON).until(() -> holder.current().transportCount() == 1);
        assertThat(holder.current().version()).isGreaterThan(version);

        holder.down(down(0, 1, 2));
        await().atMost(SOON).until(() -> holder.current().transportCount() == 0);
        assertThat(holder.current().find(KEYS.get(0))).as("a node stays known").isPresent();

        holder.joined(new NodeJoined(KEYS.get(7)));
        await().atMost(SOON).until(() -> holder.current().find(KEYS.get(7)).isPresent());
    }

    @Test
    void ignoresAnEventThatComesLate() {
        holder.afterPropertiesSet();
        holder.down(down(0, 1, 4));
        holder.up(up(0, 1, 3));
        holder.up(up(1, 2, 1));

        await().atMost(SOON).until(() -> holder.current().transportCount() == 1);
        assertThat(holder.current().find(KEYS.get(2))).isPresent();
        assertThat(linkCount(holder.current(), KEYS.get(0))).isZero();
    }

    @Test
    void anOldReadingDoesNotUndoANewEvent() {
        TransportUp up = up(0, 1, 1);
        registered.add(new RegisteredTransport(up.id(), up.lower(), up.higher(), Optional.of(up), 1));
        holder.afterPropertiesSet();
        holder.down(down(0, 1, 2));
        await().atMost(SOON).until(() -> holder.current().transportCount() == 0);

        holder.reconcile();
        holder.up(up(1, 2, 1));

        await().atMost(SOON).until(() -> holder.current().transportCount() == 1);
        assertThat(linkCount(holder.current(), KEYS.get(0))).isZero();
    }

    @Test
    void reconcilesWhatNoEventHasTold() {
        holder.afterPropertiesSet();
        TransportUp up = up(0, 1, 1);
        registered.add(new RegisteredTransport(up.id(), up.lower(), up.higher(), Optional.of(up), 1));

        holder.reconcile();

        await().atMost(SOON).until(() -> holder.current().transportCount() == 1);
    }

    @Test
    void aSnapshotHasBothDirectionsAndAllParallelTransports() {
        holder.afterPropertiesSet();
        holder.up(up(0, 1, 1));
        PublicKey lower = up(0, 1, 1).lower();
        PublicKey higher = up(0, 1, 1).higher();
        TransportUp parallel = new TransportUp(
                TransportId.between(lower, higher, TransportType.MESSAGING),
                lower,
                higher,
                TransportType.MESSAGING,
                1400,
                Optional.of(Duration.ofMillis(3)),
                1);
        holder.up(parallel);
        await().atMost(SOON).until(() -> holder.current().transportCount() == 2);

        Topology topology = holder.current();
        for (PublicKey node : List.of(lower, higher)) {
            int number = topology.find(node).orElseThrow();
            assertThat(topology.node(number)).isEqualTo(node);
            assertThat(linkCount(topology, node)).isEqualTo(1);
            int[] lanes = topology.lanes(number);
            List<TransportId> ids = new ArrayList<>();
            for (int i = 0; i < Lanes.count(lanes); i++) {
                int transport = Lanes.transport(lanes, Lanes.count(lanes), i);
                assertThat(topology.node(Lanes.to(lanes, i))).isEqualTo(node.equals(lower) ? higher : lower);
                ids.add(topology.transport(transport));
                if (topology.transport(transport).equals(parallel.id())) {
                    assertThat(topology.maxPayload(transport)).isEqualTo(1400);
                    assertThat(topology.roundTrip(transport)).contains(Duration.ofMillis(3));
                }
            }
            assertThat(ids).containsExactlyInAnyOrder(up(0, 1, 1).id(), parallel.id());
        }
    }

    private static TransportUp measured(long revision, int loss, PublicKey... relays) {
        return measured(revision, loss, List.of(relays));
    }

    private static TransportUp measured(long revision, int loss, List<PublicKey> relays) {
        TransportUp up = up(0, 1, revision);
        return new TransportUp(
                up.id(),
                up.lower(),
                up.higher(),
                up.type(),
                up.label(),
                up.maxPayload(),
                new LinkMeasurement(Optional.of(Duration.ofMillis(40)), loss, 250_000, 0),
                Optional.of(MEASURED),
                relays,
                revision);
    }

    private void awaitRevision(long revision) {
        TransportId id = up(0, 1, 1).id();
        await().atMost(SOON).until(() -> {
            Topology topology = holder.current();
            return topology.find(id).isPresent()
                    && topology.revision(topology.find(id).getAsInt()) == revision;
        });
    }

    @Test
    void takesInWhatIsMeasuredAndWhen() {
        holder.afterPropertiesSet();
        holder.up(measured(1, 100_000, KEYS.get(5)));
        awaitRevision(1);

        Topology topology = holder.current();
        LinkQuality quality = topology.quality(0);
        assertThat(quality.roundTrip()).contains(Duration.ofMillis(40));
        assertThat(quality.loss()).isCloseTo(0.1, within(1e-4));
        assertThat(quality.load()).isCloseTo(0.25, within(1e-4));
        assertThat(quality.measuredAt()).isEqualTo(MEASURED);
        assertThat(topology.relays(0))
                .containsExactly(topology.find(KEYS.get(5)).orElseThrow());
        assertThat(topology.hasRelays()).isTrue();
    }

    @Test
    void aMeasurementThatMovesNoPriceIsTakenInAndMakesNoNewVersion() {
        holder.afterPropertiesSet();
        holder.up(measured(1, 0));
        awaitRevision(1);
        Topology before = holder.current();

        holder.up(measured(2, 50_000));
        awaitRevision(2);
        assertThat(holder.current().quality(0).loss()).isCloseTo(0.05, within(1e-4));
        assertThat(holder.current().price(0)).isEqualTo(before.price(0));
        assertThat(holder.current().version()).isEqualTo(before.version());

        holder.up(measured(3, 500_000));
        awaitRevision(3);
        assertThat(holder.current().price(0)).isGreaterThan(before.price(0));
        assertThat(holder.current().version()).isEqualTo(before.version() + 1);
    }

    @Test
    void aComparisonThatFindsNothingMakesNoNewVersion() {
        holder.afterPropertiesSet();
        holder.up(measured(1, 0));
        awaitRevision(1);
        Topology before = holder.current();

        holder.reconcile();

        await().atMost(SOON).until(() -> holder.current() != before);
        assertThat(holder.current().version()).isEqualTo(before.version());
    }

    @Test
    void otherRelaysAreANewVersion() {
        holder.afterPropertiesSet();
        holder.up(measured(1, 0, KEYS.get(5)));
        awaitRevision(1);
        long version = holder.current().version();

        holder.up(measured(2, 0, KEYS.get(6)));
        awaitRevision(2);

        assertThat(holder.current().version()).isEqualTo(version + 1);
        assertThat(holder.current().node(holder.current().relays(0).getFirst())).isEqualTo(KEYS.get(6));
    }

    @Test
    void strangersCannotFillTheMemoryWithNamesOfRelays() {
        List<PublicKey> names = TestKeys.pairs(TopologyHolder.MOST_RELAYS + 5, 12).stream()
                .map(KeyPair::publicKey)
                .toList();
        holder.afterPropertiesSet();
        holder.up(measured(1, 0, names));
        awaitRevision(1);
        assertThat(holder.current().relays(0)).hasSize(TopologyHolder.MOST_RELAYS);

        holder.up(measured(2, 0, KEYS.get(7), names.getFirst()));
        awaitRevision(2);
        assertThat(holder.current().relays(0)).as("known names go on counting").hasSize(1);
    }

    /// Readers check every snapshot they get while a writer changes the picture as fast as it can.
    @Test
    void readersNeverSeeHalfAChange() throws Exception {
        holder.afterPropertiesSet();
        AtomicBoolean isOver = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> readUntil(isOver)));
            }
            for (int round = 1; round <= 400; round++) {
                long revision = round;
                for (int i = 0; i + 1 < KEYS.size(); i++) {
                    if (round % 2 == 1) {
                        holder.up(up(i, i + 1, revision));
                    } else {
                        holder.down(down(i, i + 1, revision));
                    }
                }
                if (round % 40 == 0) {
                    long before = holder.current().version();
                    await().atMost(SOON)
                            .until(() -> holder.current().version() > before
                                    || holder.current().transportCount() == 0);
                }
            }
            isOver.set(true);
            for (Future<Long> reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
            }
        }
        await().atMost(SOON).until(() -> holder.current().transportCount() == 0);
        assertThat(holder.current().nodeCount()).isEqualTo(KEYS.size());
    }

    private long readUntil(AtomicBoolean isOver) {
        long seen = 0;
        long version = 0;
        do {
            Topology topology = holder.current();
            assertThat(topology.version()).isGreaterThanOrEqualTo(version);
            version = topology.version();
            int lanes = 0;
            for (int node = 0; node < topology.nodeCount(); node++) {
                assertThat(topology.find(topology.node(node))).hasValue(node);
                int[] row = topology.lanes(node);
                for (int i = 0; i < Lanes.count(row); i++) {
                    assertThat(hasLink(topology, Lanes.to(row, i), node))
                            .as("both directions or none")
                            .isTrue();
                    lanes++;
                }
            }
            assertThat(lanes).isEqualTo(2 * topology.transportCount());
            seen++;
        } while (!isOver.get());
        return seen;
    }

    private static boolean hasLink(Topology topology, int from, int to) {
        int[] lanes = topology.lanes(from);
        for (int i = 0; i < Lanes.count(lanes); i++) {
            if (Lanes.to(lanes, i) == to) {
                return true;
            }
        }
        return false;
    }

    private static int linkCount(Topology topology, PublicKey node) {
        int number = topology.find(node).orElseThrow();
        int[] lanes = topology.lanes(number);
        int links = 0;
        for (int i = 0; i < Lanes.count(lanes); i++) {
            links += Lanes.isFirst(lanes, i) ? 1 : 0;
        }
        return links;
    }

    private static TransportUp up(int one, int other, long revision) {
        PublicKey lower = min(one, other);
        PublicKey higher = lower.equals(KEYS.get(one)) ? KEYS.get(other) : KEYS.get(one);
        return new TransportUp(
                TransportId.between(lower, higher, TransportType.TCP),
                lower,
                higher,
                TransportType.TCP,
                16_384,
                Optional.empty(),
                revision);
    }

    private static TransportDown down(int one, int other, long revision) {
        TransportUp up = up(one, other, revision);
        return new TransportDown(up.id(), up.lower(), up.higher(), TransportDown.Reason.REPORTED_DOWN, revision);
    }

    private static PublicKey min(int one, int other) {
        return KEYS.get(one).compareTo(KEYS.get(other)) <= 0 ? KEYS.get(one) : KEYS.get(other);
    }

    private record StillRegistry(List<RegisteredTransport> all) implements TransportRegistry {
        @Override
        public ReportOutcome report(PublicKey edge, ReportKind kind, List<TransportClaim> claims) {
            throw new UnsupportedOperationException("the topology only reads");
        }

        @Override
        public List<TransportClaim> measured(PublicKey edge, List<TransportClaim> claims) {
            throw new UnsupportedOperationException("the topology only reads");
        }

        @Override
        public void renew(PublicKey edge) {
            throw new UnsupportedOperationException("the topology only reads");
        }

        @Override
        public void sessionEnded(PublicKey edge) {
            throw new UnsupportedOperationException("the topology only reads");
        }
    }

    private record StillDirectory(List<PublicKey> all) implements NodeDirectory {
        @Override
        public void seen(PublicKey node, String software) {
            throw new UnsupportedOperationException("the topology only reads");
        }

        @Override
        public boolean isKnown(PublicKey node) {
            return all.contains(node);
        }

        @Override
        public long count() {
            return all.size();
        }
    }
}
