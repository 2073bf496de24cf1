package io.skywire.control.rules;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.platform.Attendance;
import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/// The room on a real database, wired by Spring for its events after the commit.
final class RuleRoom implements AutoCloseable {
    static final KeyPair SETUP_KEY = TestKeys.pairs(1, 900).getFirst();

    final RuleLedger ledger;
    final RuleWatch watch;
    final JdbcTemplate jdbc;
    final TransactionTemplate transaction;
    final Heard heard;
    final FakeClock clock;
    final DeltaPush push;
    final JoinedFeeds feeds;

    /// How often somebody asked for a connection.
    final AtomicInteger connections = new AtomicInteger();

    private final HikariDataSource pool;
    private final AnnotationConfigApplicationContext context;

    RuleRoom(TestDatabase database) {
        this(database, new JoinedFeeds());
        jdbc.update("TRUNCATE node_rules, node_revisions, node_applied, rule_refusals");
    }

    /// One of several replicas over the same database.
    RuleRoom(TestDatabase database, JoinedFeeds feeds) {
        this.feeds = feeds;
        pool = database.pool(12);
        context = new AnnotationConfigApplicationContext();
        DataSource counting = new DelegatingDataSource(pool) {
            @Override
            public Connection getConnection() throws SQLException {
                connections.incrementAndGet();
                return super.getConnection();
            }
        };
        context.registerBean(JdbcTemplate.class, () -> new JdbcTemplate(counting));
        context.registerBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(counting));
        context.registerBean(FakeClock.class, FakeClock::new);
        context.registerBean(SimpleMeterRegistry.class, SimpleMeterRegistry::new);
        context.registerBean(ServiceKeys.class, Keys::new);
        context.registerBean(ChangeFeed.class, feeds::join);
        // The others' rooms know best whom they watch.
        context.registerBean(Attendance.class, () -> feeds::attended);
        context.register(
                NodeRules.class,
                LedgerLooks.class,
                NodeAnswers.class,
                DeltaPush.class,
                AppliedRevisions.class,
                AnswersElsewhere.class,
                RuleMetrics.class,
                Heard.class,
                Transactions.class);
        context.refresh();
        ledger = context.getBean(RuleLedger.class);
        watch = context.getBean(RuleWatch.class);
        jdbc = context.getBean(JdbcTemplate.class);
        heard = context.getBean(Heard.class);
        transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        clock = context.getBean(FakeClock.class);
        push = context.getBean(DeltaPush.class);
    }

    @EnableTransactionManagement
    static class Transactions {}

    private static final class Keys implements ServiceKeys {
        @Override
        public KeyPair service() {
            throw new AssertionError("rules are signed with the setup key");
        }

        @Override
        public KeyPair setup() {
            return SETUP_KEY;
        }
    }

    /// The room's events, in order.
    static final class Heard {
        final List<Object> events = new CopyOnWriteArrayList<>();

        @EventListener
        void on(RulesAcknowledged event) {
            events.add(event);
        }

        @EventListener
        void on(RuleRefused event) {
            events.add(event);
        }

        @EventListener
        void on(DeltaRefused event) {
            events.add(event);
        }
    }

    Map<PublicKey, Long> install(RouteUid route, Map<PublicKey, List<Rule>> rules) {
        return transaction.execute(status -> ledger.install(route, rules));
    }

    Map<PublicKey, Long> install(PublicKey node, Rule rule, RouteUid route) {
        return install(route, Map.of(node, List.of(rule)));
    }

    Map<PublicKey, Long> remove(RouteUid route, PublicKey node) {
        return transaction.execute(status -> ledger.remove(route, Set.of(node)));
    }

    static Rule relay(RandomGenerator random) {
        List<KeyPair> keys = TestKeys.pairs(3, 901);
        TransportId in =
                TransportId.between(keys.get(0).publicKey(), keys.get(1).publicKey(), TransportType.TCP);
        TransportId out =
                TransportId.between(keys.get(1).publicKey(), keys.get(2).publicKey(), TransportType.TCP);
        return new Rule.Relay(in, RouteId.random(random), out, RouteId.random(random), Duration.ofSeconds(60));
    }

    @Override
    public void close() {
        context.close();
        pool.close();
    }

    /// A node with a rule table, that answers when it is told to.
    static final class Node implements RuleWatcher {
        final PublicKey key;
        final Map<RuleKey, Rule> table = new HashMap<>();
        final LinkedBlockingQueue<RuleDelta> inbox = new LinkedBlockingQueue<>();
        long revision;
        volatile boolean ready = true;
        RuleWatch.Subscription subscription;

        Node(PublicKey key) {
            this.key = key;
        }

        Node dial(RuleRoom room) {
            subscription = room.watch.watch(key, revision, this);
            room.feeds.attend(key);
            return this;
        }

        /// As [#dial], and says what is in the table.
        Node dialWithDigest(RuleRoom room) {
            HeldRules held = new HeldRules(revision, Optional.of(RuleTableDigest.of(table.values())));
            subscription = room.watch
                    .watch(List.of(new RuleWatch.Opening(key, held, this)))
                    .getFirst();
            return this;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void deliver(SignedRuleDelta signed) {
            switch (signed.verify(key, Set.of(SETUP_KEY.publicKey()))) {
                case SignedRuleDelta.Verification.Trusted trusted -> inbox.add(trusted.delta());
                case SignedRuleDelta.Verification.Refused refused -> throw new AssertionError(refused.detail());
            }
        }

        RuleDelta next() {
            try {
                RuleDelta delta = inbox.poll(10, TimeUnit.SECONDS);
                if (delta == null) {
                    throw new AssertionError("no delta came in 10 s");
                }
                return delta;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /// Nothing comes; a little time is given to what should not come.
        boolean hearsNothing() {
            try {
                return inbox.poll(300, TimeUnit.MILLISECONDS) == null;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        RuleDelta applyNext() {
            RuleDelta delta = next();
            if (delta.kind() == RuleDelta.Kind.SNAPSHOT) {
                table.clear();
            } else if (delta.baseRevision() != revision) {
                throw new AssertionError("from " + delta.baseRevision() + ", but this node holds " + revision);
            }
            delta.removals().forEach(table::remove);
            delta.upserts().forEach(rule -> table.put(rule.key(), rule));
            revision = delta.revision();
            subscription.acknowledged(revision, List.of());
            return delta;
        }
    }
}
