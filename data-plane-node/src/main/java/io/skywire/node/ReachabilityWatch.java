package io.skywire.node;

import io.skywire.node.api.StatusView;
import io.skywire.node.api.StatusView.Reachable;
import io.skywire.node.control.ControlLink;
import io.skywire.node.control.ControlStatus;
import io.skywire.node.control.DialBack;
import io.skywire.node.control.KnownReach;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Finds out whether this node can be dialled, and which neighbours can. Asks soon after each session began, every
/// [#EVERY] with jitter, and sooner while the answer is no. Safe for any thread.
final class ReachabilityWatch {
    static final Duration EVERY = Duration.ofMinutes(15);
    static final Duration AFTER_A_FAILURE = Duration.ofMinutes(1);
    private static final Duration AT_FIRST = Duration.ofSeconds(2);
    private static final Duration AFTER_A_RECONNECT = Duration.ofSeconds(30);
    private static final Duration NEIGHBOURS_EVERY = Duration.ofSeconds(30);
    private static final int MOST_NEIGHBOURS = 64;

    private final Asks asks;
    private final List<String> addresses;
    private final Supplier<List<PublicKey>> inDoubt;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private Optional<Instant> session = Optional.empty();
    private long askAt;
    private long askNeighboursAt;
    private boolean asking;
    private int failures;
    private StatusView.Reachability known;
    private Set<PublicKey> unreachable = Set.of();

    /// What is asked of the control plane.
    interface Asks {
        ControlStatus status();

        CompletionStage<DialBack> dialBack(List<String> addresses);

        CompletionStage<KnownReach> reachOf(Collection<PublicKey> nodes);

        static Asks of(ControlLink control) {
            return new Asks() {
                @Override
                public ControlStatus status() {
                    return control.status();
                }

                @Override
                public CompletionStage<DialBack> dialBack(List<String> addresses) {
                    return control.dialBack(addresses);
                }

                @Override
                public CompletionStage<KnownReach> reachOf(Collection<PublicKey> nodes) {
                    return control.reachOf(nodes);
                }
            };
        }
    }

    /// @param addresses where this node says that it can be dialled; none: it listens nowhere
    /// @param inDoubt the neighbours of which the directory is asked
    ReachabilityWatch(
            Asks asks,
            List<String> addresses,
            Supplier<List<PublicKey>> inDoubt,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random) {
        this.asks = asks;
        this.addresses = addresses.stream().limit(8).toList();
        this.inDoubt = inDoubt;
        this.clock = clock;
        this.nanos = nanos;
        this.random = random;
        this.known = addresses.isEmpty()
                ? nothing(Reachable.NO, "this node listens nowhere")
                : nothing(Reachable.UNKNOWN, "nobody was asked yet");
    }

    private static StatusView.Reachability nothing(Reachable state, String why) {
        return new StatusView.Reachability(
                state, Optional.empty(), Optional.of(why), Optional.empty(), Optional.empty(), List.of());
    }

    synchronized StatusView.Reachability view() {
        return known;
    }

    /// Whether the directory says that nobody can dial this node.
    synchronized boolean isUnreachable(PublicKey node) {
        return unreachable.contains(node);
    }

    /// This machine has another address: what is known of it may be wrong now.
    synchronized void askAnew() {
        long soon = nanos.getAsLong() + part(AFTER_A_RECONNECT);
        if (soon - askAt < 0) {
            askAt = soon;
        }
        failures = 0;
    }

    /// Every second or so.
    synchronized void look() {
        long now = nanos.getAsLong();
        switch (asks.status()) {
            case ControlStatus.Away away -> {
                session = Optional.empty();
                unreachable = Set.of();
            }
            case ControlStatus.Connected connected -> {
                if (!session.equals(Optional.of(connected.since()))) {
                    session = Optional.of(connected.since());
                    failures = 0;
                    askNeighboursAt = now;
                    // Thousands may be back in the same second; who knows already has time.
                    askAt = now + part(known.checked().isPresent() ? AFTER_A_RECONNECT : AT_FIRST);
                }
                if (!addresses.isEmpty() && !asking && now - askAt >= 0) {
                    asking = true;
                    var unused = asks.dialBack(addresses).thenAccept(this::take);
                }
                askOfNeighbours(now);
            }
        }
    }

    private void askOfNeighbours(long now) {
        if (now - askNeighboursAt < 0) {
            return;
        }
        List<PublicKey> doubted = inDoubt.get().stream().limit(MOST_NEIGHBOURS).toList();
        if (doubted.isEmpty()) {
            unreachable = Set.of();
            return;
        }
        askNeighboursAt = now + NEIGHBOURS_EVERY.toNanos() / 2 + part(NEIGHBOURS_EVERY);
        var unused = asks.reachOf(doubted).thenAccept(this::take);
    }

    private synchronized void take(KnownReach told) {
        unreachable = new HashSet<>(told.unreachable());
    }

    private synchronized void take(DialBack answer) {
        asking = false;
        switch (answer) {
            case DialBack.Told told -> {
                if (told.addresses().stream().allMatch(address -> address.outcome() == DialBack.Outcome.BUSY)) {
                    // Says nothing of this node: what was known stays.
                    askAt = nanos.getAsLong() + AFTER_A_FAILURE.toNanos() + part(AFTER_A_FAILURE);
                    return;
                }
                known = view(told);
                failures = known.state() == Reachable.NO ? failures + 1 : 0;
            }
            case DialBack.TooSoon soon -> {
                askAt = nanos.getAsLong() + soon.retryAfter().toNanos() + part(AFTER_A_FAILURE);
                return;
            }
            case DialBack.Unanswered unanswered -> {
                known = nothing(Reachable.UNKNOWN, unanswered.why());
                failures = 0;
            }
        }
        Duration pause = EVERY;
        if (failures > 0) {
            Duration longer = AFTER_A_FAILURE.multipliedBy(1L << Math.min(failures - 1, 10));
            pause = longer.compareTo(EVERY) < 0 ? longer : EVERY;
        }
        askAt = nanos.getAsLong() + pause.toNanos() * 9 / 10 + part(pause.dividedBy(5));
    }

    private static StatusView.DialOutcome outcome(DialBack.Outcome outcome) {
        return switch (outcome) {
            case REACHABLE -> StatusView.DialOutcome.REACHABLE;
            case REFUSED -> StatusView.DialOutcome.REFUSED;
            case TIMED_OUT -> StatusView.DialOutcome.TIMED_OUT;
            case OTHER_KEY -> StatusView.DialOutcome.OTHER_KEY;
            case FORBIDDEN -> StatusView.DialOutcome.FORBIDDEN;
            case BUSY -> StatusView.DialOutcome.BUSY;
        };
    }

    private long part(Duration whole) {
        return random.nextLong(whole.toNanos());
    }

    private StatusView.Reachability view(DialBack.Told told) {
        List<StatusView.DialledBack> dialled = told.addresses().stream()
                .map(address -> new StatusView.DialledBack(
                        address.asked(),
                        address.target().isEmpty() ? Optional.empty() : Optional.of(address.target()),
                        outcome(address.outcome()),
                        address.detail()))
                .toList();
        Optional<DialBack.Dialled> reached = told.addresses().stream()
                .filter(address -> address.outcome() == DialBack.Outcome.REACHABLE)
                .findFirst();
        Optional<DialBack.Dialled> failed = told.addresses().stream()
                .filter(address -> switch (address.outcome()) {
                    case REFUSED, TIMED_OUT, OTHER_KEY -> true;
                    case REACHABLE, FORBIDDEN, BUSY -> false;
                })
                .findFirst();
        Reachable state = reached.isPresent() ? Reachable.YES : failed.isPresent() ? Reachable.NO : Reachable.UNKNOWN;
        Optional<String> why = reached.isPresent()
                ? Optional.empty()
                : Optional.of(failed.or(() -> told.addresses().stream().findFirst())
                        .map(address -> (address.target().isEmpty() ? address.asked() : address.target()) + ": "
                                + address.detail())
                        .orElse("the control plane said nothing"));
        return new StatusView.Reachability(
                state,
                reached.map(DialBack.Dialled::target),
                why,
                told.seen().isEmpty() ? Optional.empty() : Optional.of(told.seen()),
                Optional.of(clock.instant()),
                dialled);
    }
}
