package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.discovery.StockEntry.Privacy;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.SignedTransport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Registrations of many transports and many callers at once.
final class RegistrationsTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> KEYS = TestKeys.pairs(42, 11);
    private static final KeyPair HUB = KEYS.getFirst();
    private static final List<SignedTransport> SPOKES = KEYS.subList(1, 41).stream()
            .map(other -> DiscoveryRoom.transport(HUB, other))
            .toList();

    private DiscoveryRoom room;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 100);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void theNumberOfStatementsDoesNotDependOnTheNumberOfTransports() {
        SignedTransport loop = DiscoveryRoom.transport(HUB, HUB);
        int forOne = statements(() -> register(HUB, List.of(loop)));
        int forOneAgain = statements(() -> register(HUB, List.of(loop)));
        int forForty = statements(() -> register(HUB, SPOKES));
        int forFortyAgain = statements(() -> register(HUB, SPOKES));

        assertThat(forOne).isPositive();
        assertThat(forForty).isEqualTo(forOne);
        assertThat(forFortyAgain).isEqualTo(forOneAgain);
        SPOKES.forEach(spoke -> assertThat(room.isUp(spoke.id())).isTrue());
    }

    @Test
    void newAndKnownTransportsGoTogether() {
        register(HUB, SPOKES.subList(0, 3));
        room.stock.say(KEYS.get(1).publicKey(), Map.of(SPOKES.get(0).id(), LinkState.DOWN));
        register(HUB, SPOKES.subList(0, 6));

        assertThat(room.isUp(SPOKES.get(0).id()))
                .as("the other edge's own word holds against old signatures")
                .isFalse();
        SPOKES.subList(1, 6).forEach(spoke -> assertThat(room.isUp(spoke.id())).isTrue());
        assertListingIsTrue();
    }

    @Test
    void whatAnotherReplicaHasStoredMeanwhileIsTakenForKnown() {
        try (DiscoveryRoom other = room.replica()) {
            register(HUB, SPOKES.subList(0, 2));
            assertThat(other.listing.knows(SPOKES.get(0).id())).isFalse();

            assertThat(other.stock.register(KEYS.get(1).publicKey(), registrations(SPOKES.subList(0, 1))))
                    .isInstanceOf(StockTransports.Outcome.Registered.class);
            assertThat(other.stock.register(HUB.publicKey(), registrations(SPOKES)))
                    .isInstanceOf(StockTransports.Outcome.Registered.class);
        }
        SPOKES.forEach(spoke -> assertThat(room.isUp(spoke.id())).isTrue());
    }

    @Test
    void anEntryWithoutBothProofsKeepsTheWholeRequestOut() {
        SignedTransport forged = new SignedTransport(
                SPOKES.get(30).entry(), SPOKES.get(31).lowerSignature(), Signature.of(new byte[Signature.LENGTH]));
        List<SignedTransport> all = new ArrayList<>(SPOKES.subList(0, 30));
        all.add(forged);

        assertThat(room.stock.register(HUB.publicKey(), registrations(all)))
                .isEqualTo(new StockTransports.Outcome.Unproven(forged.id()));
        assertThat(room.registry.all()).isEmpty();
    }

    @Test
    void aPrivateTransportIsListedForItsEdgesAlone() {
        SignedTransport hidden = SPOKES.getFirst();
        room.stock.register(HUB.publicKey(), List.of(new Registration(hidden, "user", Privacy.PRIVATE)));
        register(HUB, SPOKES.subList(1, 3));

        assertThat(ofHub(HUB))
                .contains(hidden.id().toString(), SPOKES.get(1).id().toString());
        assertThat(ofHub(KEYS.get(1))).contains(hidden.id().toString());
        assertThat(ofHub(KEYS.get(2)))
                .doesNotContain(hidden.id().toString())
                .contains(SPOKES.get(1).id().toString());
    }

    @Test
    void bothEdgesAndSessionsMayRegisterTheSameAtTheSameMoment() throws Exception {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom seeds = new SplittableRandom(seed);
        List<Callable<Object>> work = new ArrayList<>();
        for (int caller = 0; caller < 8; caller++) {
            SplittableRandom random = seeds.split();
            work.add(() -> {
                for (int i = 0; i < 12; i++) {
                    int spoke = random.nextInt(SPOKES.size() - 5);
                    switch (random.nextInt(4)) {
                        case 0 -> register(HUB, SPOKES.subList(spoke, spoke + 5));
                        case 1 -> register(KEYS.get(spoke + 1), SPOKES.subList(spoke, spoke + 1));
                        case 2 -> room.report(HUB, DiscoveryRoom.up(SPOKES.get(spoke)));
                        case 3 -> room.registry.renew(HUB.publicKey());
                        default -> throw new IllegalStateException();
                    }
                }
                return "done";
            });
        }
        try (ExecutorService callers = Executors.newFixedThreadPool(work.size())) {
            for (Future<Object> done : callers.invokeAll(work)) {
                assertThat(done.get(120, TimeUnit.SECONDS)).as("seed %d", seed).isEqualTo("done");
            }
        }
        register(HUB, SPOKES);
        assertThat(room.registry.all()).as("seed %d", seed).hasSize(SPOKES.size());
        assertListingIsTrue();
    }

    private int statements(Runnable work) {
        int before = room.statements();
        work.run();
        return room.statements() - before;
    }

    private void assertListingIsTrue() {
        String listed = ofHub(HUB);
        for (RegisteredTransport transport : room.registry.all()) {
            String id = transport.id().toString();
            if (transport.up().isPresent()) {
                assertThat(listed).contains(id);
            } else {
                assertThat(listed).doesNotContain(id);
            }
        }
    }

    private String ofHub(KeyPair reader) {
        return new String(room.stock.ofEdge(HUB.publicKey(), reader.publicKey()), StandardCharsets.UTF_8);
    }

    private void register(KeyPair caller, Collection<SignedTransport> transports) {
        assertThat(room.stock.register(caller.publicKey(), registrations(transports)))
                .isInstanceOf(StockTransports.Outcome.Registered.class);
    }

    private static List<Registration> registrations(Collection<SignedTransport> transports) {
        return transports.stream()
                .map(one -> new Registration(one, "user", Privacy.UNSAID))
                .toList();
    }
}
