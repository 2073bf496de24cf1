package io.skywire.control.setup;

import io.skywire.control.blame.FaultKind;
import io.skywire.control.blame.RouteFault;
import io.skywire.control.blame.Subject;
import io.skywire.control.rules.RuleWatch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Waits out the whole node timeout for those who were slower than usual, and tells the fault of who was silent in
/// all of it. At most so many at once; what is beyond is not blamed.
@Component
final class Suspicions {
    private static final Logger LOG = LoggerFactory.getLogger(Suspicions.class);
    private static final int MOST = 1024;

    private final AckTimes times;
    private final RuleWatch watch;
    private final InstantSource clock;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Executor threads =
            task -> Thread.ofVirtual().name("suspicion").start(task);

    Suspicions(
            AckTimes times,
            RuleWatch watch,
            InstantSource clock,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.times = times;
        this.watch = watch;
        this.clock = clock;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
    }

    void watch(Suspicion suspicion) {
        if (waiting.incrementAndGet() > MOST) {
            waiting.decrementAndGet();
            return;
        }
        long left =
                Math.max(0, Duration.between(clock.instant(), suspicion.by()).toMillis());
        CompletableFuture.delayedExecutor(left, TimeUnit.MILLISECONDS, threads).execute(() -> {
            waiting.decrementAndGet();
            judge(suspicion);
        });
    }

    private void judge(Suspicion suspicion) {
        Optional<RouteFault> fault = with(
                        suspicion.fault(),
                        node -> suspicion.awaited().containsKey(node.key())
                                && times.isMissing(
                                        node.key(), suspicion.awaited().get(node.key())))
                .flatMap(this::withoutTheAbsent);
        if (fault.isEmpty()) {
            return;
        }
        try {
            transaction.executeWithoutResult(status -> events.publishEvent(fault.get()));
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("a fault is not entered: {}", away.getMessage());
        }
    }

    /// A node that has lost its session meanwhile could not answer; that is no silence.
    Optional<RouteFault> withoutTheAbsent(RouteFault fault) {
        return fault.kind() == FaultKind.SILENT
                ? with(fault, node -> watch.unwatched(Set.of(node.key())).isEmpty())
                : Optional.of(fault);
    }

    private static Optional<RouteFault> with(RouteFault fault, Predicate<Subject.Node> suspected) {
        Set<Subject> left = fault.suspects().stream()
                .filter(suspect -> switch (suspect) {
                    case Subject.Node node -> suspected.test(node);
                    case Subject.Transport transport -> true;
                })
                .collect(Collectors.toSet());
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(new RouteFault(fault.route(), fault.accuser(), fault.kind(), left));
    }
}
