package io.skywire.control.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Many setups over the same few nodes, in every order: none deadlocks, and no node's revision skips or repeats.
final class ConcurrentInstallsTest {
    private static final long SEED = 20_261_122;
    private static final int WORKERS = 8;
    private static final int ROUTES_PER_WORKER = 40;

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @Test
    void neitherDeadlockNorSkipARevision() throws Exception {
        List<PublicKey> nodes =
                TestKeys.pairs(6, 920).stream().map(KeyPair::publicKey).toList();
        Map<PublicKey, List<Long>> given = new ConcurrentHashMap<>();
        nodes.forEach(node -> given.put(node, new CopyOnWriteArrayList<>()));
        try (RuleRoom room = new RuleRoom(POSTGRES.database());
                ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                Random random = new Random(SEED + worker);
                running.add(workers.submit(() -> {
                    for (int i = 0; i < ROUTES_PER_WORKER; i++) {
                        List<PublicKey> some = new ArrayList<>(nodes);
                        Collections.shuffle(some, random);
                        some = some.subList(0, 2 + random.nextInt(4));
                        Map<PublicKey, List<Rule>> rules = new LinkedHashMap<>();
                        some.forEach(node -> rules.put(node, List.of(RuleRoom.relay(random))));
                        RouteUid route = RouteUid.random(random);
                        room.install(route, rules)
                                .forEach((node, revision) -> given.get(node).add(revision));
                        if (random.nextBoolean()) {
                            HashSet<PublicKey> all = new HashSet<>(nodes);
                            room.transaction
                                    .execute(status -> room.ledger.remove(route, all))
                                    .forEach((node, revision) -> given.get(node).add(revision));
                        }
                    }
                }));
            }
            for (Future<?> worker : running) {
                worker.get(60, TimeUnit.SECONDS);
            }
            Map<PublicKey, Long> stored = new TreeMap<>();
            room.jdbc.query("SELECT node, revision FROM node_revisions", row -> {
                stored.put(PublicKey.of(row.getBytes(1)), row.getLong(2));
            });
            given.forEach((node, revisions) -> assertThat(revisions)
                    .as("seed " + SEED)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, stored.get(node)).boxed().toList()));
        }
    }
}
