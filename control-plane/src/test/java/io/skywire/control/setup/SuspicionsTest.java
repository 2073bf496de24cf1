package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.blame.RouteFault;
import io.skywire.control.blame.Subject;
import io.skywire.control.rules.RuleWatch;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/// A slow node is blamed no more than it would be without usual times, a silent one no less.
final class SuspicionsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final AckTimes times = new AckTimes(Duration.ofMillis(250), Duration.ofSeconds(3), 100);
    private final Set<PublicKey> away = new HashSet<>();
    private final List<Object> told = new CopyOnWriteArrayList<>();
    private final RoutePlan plan = Ways.plan(new SplittableRandom(3), 0, 1, 2, 3);
    private final Suspicions suspicions = new Suspicions(
            times,
            new RuleWatch() {
                @Override
                public List<Subscription> watch(List<Opening> openings) {
                    throw new AssertionError("nobody is watched here");
                }

                @Override
                public Set<PublicKey> unwatched(Collection<PublicKey> nodes) {
                    Set<PublicKey> gone = new HashSet<>(nodes);
                    gone.retainAll(away);
                    return gone;
                }
            },
            InstantSource.fixed(NOW),
            told::add,
            new NoTransactions());

    private static final class NoTransactions extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1L;

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    /// All are asked for revision 5; both intermediaries are over their usual time, and the whole time is over now.
    private void suspectBoth() {
        for (PublicKey node : plan.placement().nodes()) {
            times.asked(node, 5, NOW);
        }
        RouteFault fault = new Attribution(plan.placement())
                .silent(Set.of(Ways.node(1), Ways.node(2)))
                .orElseThrow();
        suspicions.watch(new Suspicion(fault, Map.of(Ways.node(1), 5L, Ways.node(2), 5L), NOW));
    }

    private Set<Subject> suspects() {
        await().atMost(Duration.ofSeconds(30)).until(() -> !told.isEmpty());
        assertThat(told).hasSize(1);
        return ((RouteFault) told.getFirst()).suspects();
    }

    @Test
    void blamesTheSilentAndNotTheSlow() {
        for (PublicKey node : plan.placement().nodes()) {
            times.asked(node, 5, NOW);
        }
        times.acknowledged(Ways.node(2), 5, NOW);

        suspectBoth();

        assertThat(suspects()).containsExactly(new Subject.Node(Ways.node(1)));
    }

    @Test
    void blamesNobodyThatHasLostItsSession() {
        away.add(Ways.node(1));

        suspectBoth();

        assertThat(suspects()).containsExactly(new Subject.Node(Ways.node(2)));
    }
}
