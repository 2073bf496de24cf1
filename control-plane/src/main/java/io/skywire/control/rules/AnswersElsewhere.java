package io.skywire.control.rules;

import io.skywire.control.platform.ChangeFeed;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// What nodes that hang on other replicas answer to changes of this one. Reads it from the database when it is told,
/// many nodes in one question, and publishes here what their replica published there: [RuleRefused], [DeltaRefused],
/// [RulesAcknowledged]. Wake-ups may be lost, so it looks and tells again while an answer is owed.
@Component
final class AnswersElsewhere {
    private static final Logger LOG = LoggerFactory.getLogger(AnswersElsewhere.class);

    /// The longest that a setup may wait.
    private static final Duration OWED = Duration.ofSeconds(30);

    private static final Duration AGAIN = Duration.ofMillis(250);

    private final NodeAnswers answers;
    private final ChangeFeed changes;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;
    private final ConcurrentHashMap<PublicKey, Owed> owed = new ConcurrentHashMap<>();
    private final Set<PublicKey> told = ConcurrentHashMap.newKeySet();
    private final AtomicInteger signals = new AtomicInteger();

    /// Which revisions of a node somebody here waits for, and since when for the newest.
    private record Owed(long lowest, long highest, Instant since) {
        Owed and(Owed later) {
            return new Owed(Math.min(lowest, later.lowest), Math.max(highest, later.highest), later.since);
        }
    }

    AnswersElsewhere(NodeAnswers answers, ChangeFeed changes, ApplicationEventPublisher events, InstantSource clock) {
        this.answers = answers;
        this.changes = changes;
        this.events = events;
        this.clock = clock;
    }

    /// The node will be told `revision` by another replica.
    void expect(PublicKey node, long revision) {
        owed.merge(node, new Owed(revision, revision, clock.instant()), Owed::and);
    }

    /// The node leaves this replica and has not answered what was changed here from `lowest` to `highest`: whoever
    /// holds it next is told, and its answer may be there already.
    void expectFromNext(PublicKey node, long lowest, long highest) {
        owed.merge(node, new Owed(lowest, highest, clock.instant()), Owed::and);
        changes.tell(ChangeFeed.Topic.RULES, List.of(node.hex()));
        told(List.of(node));
    }

    /// Another replica has written an answer of these nodes. Returns at once.
    void told(List<PublicKey> nodes) {
        for (PublicKey node : nodes) {
            if (owed.containsKey(node)) {
                told.add(node);
            }
        }
        read();
    }

    /// Wake-ups may have been lost.
    void missed() {
        told.addAll(owed.keySet());
        read();
    }

    /// Looks after answers that are late, and tells their replicas once more.
    void lookAgain() {
        if (owed.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        owed.values().removeIf(one -> one.since().plus(OWED).isBefore(now));
        Set<PublicKey> late = owed.entrySet().stream()
                .filter(one -> one.getValue().since().plus(AGAIN).isBefore(now))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        if (!late.isEmpty()) {
            changes.tell(
                    ChangeFeed.Topic.RULES, late.stream().map(PublicKey::hex).toList());
            told.addAll(late);
            read();
        }
    }

    /// One reader at a time; what is told meanwhile is read together afterwards.
    private void read() {
        if (!told.isEmpty() && signals.getAndIncrement() == 0) {
            Thread.ofVirtual().name("rule-answers").start(this::readAll);
        }
    }

    private void readAll() {
        int seen;
        do {
            seen = signals.get();
            Set<PublicKey> nodes = new HashSet<>(told);
            told.removeAll(nodes);
            nodes.retainAll(owed.keySet());
            try {
                if (!nodes.isEmpty()) {
                    answers.answers(nodes).forEach(this::publish);
                }
            } catch (DataAccessException | TransactionException away) {
                LOG.debug("answers of nodes elsewhere cannot be read now: {}", away.getMessage());
            } catch (RuntimeException bug) {
                LOG.error("answers of nodes elsewhere are lost", bug);
            }
        } while (signals.addAndGet(-seen) > 0);
    }

    /// Refusals before the acknowledgement that they came with.
    private void publish(PublicKey node, NodeAnswers.Answers given) {
        Owed before = owed.get(node);
        if (before == null) {
            return;
        }
        long answered = given.applied();
        for (NodeAnswers.Refused refused : given.refused()) {
            if (refused.revision() >= before.lowest()) {
                events.publishEvent(refused.event());
                if (refused.event() instanceof DeltaRefused) {
                    answered = Math.max(answered, refused.revision());
                }
            }
        }
        if (given.applied() >= before.lowest()) {
            events.publishEvent(new RulesAcknowledged(node, given.applied()));
        }
        long done = answered;
        owed.computeIfPresent(
                node,
                (key, now) -> now.highest() <= done
                        ? null
                        : new Owed(Math.max(now.lowest(), done + 1), now.highest(), now.since()));
    }
}
