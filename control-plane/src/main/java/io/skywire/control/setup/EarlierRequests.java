package io.skywire.control.setup;

import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.ReplicaId;
import io.skywire.control.platform.Replicas;
import io.skywire.control.setup.SetupLedger.Known;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/// Requests that the ledger knows already, because another replica got them first: waits for the answer, or takes over
/// what nobody works on any more. Safe for any thread.
///
/// | the ledger says | so |
/// |---|---|
/// | answered | the same answer |
/// | failed for reasons of the moment (UNAVAILABLE) | free: this replica works on it from now on |
/// | a replica that is alive works on it | asks to be told over the feed, and looks again now and then |
/// | a replica that is dead worked on it, or this one and failed to write its end | takes back what there is; free |
/// | nothing | free |
///
/// On the feed, topic `ROUTES`: `?ID` asks to be told when the request is over, `=ID` tells it; `!UID:KEY` and
/// `-UID:KEY` hand on what an initiator said of its probe to whom it concerns.
@Component
final class EarlierRequests {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    private static final String ASKS = "?";
    private static final String OVER = "=";
    private static final String PROBED = "!";
    private static final String UNANSWERED = "-";

    private final SetupLedger ledger;
    private final RouteClosings closings;
    private final RunningSetups running;
    private final Replicas replicas;
    private final ChangeFeed feed;
    private final SetupSettings settings;
    private final InstantSource clock;

    /// Who waits here for a request to be over elsewhere.
    private final ConcurrentHashMap<String, Semaphore> waiting = new ConcurrentHashMap<>();

    /// Requests that run here and that another replica waits for. Only such as run here are in it, so it is bounded.
    private final Set<String> awaited = ConcurrentHashMap.newKeySet();

    private final Set<String> here = ConcurrentHashMap.newKeySet();

    EarlierRequests(
            SetupLedger ledger,
            RouteClosings closings,
            RunningSetups running,
            Replicas replicas,
            ChangeFeed feed,
            SetupSettings settings,
            InstantSource clock) {
        this.ledger = ledger;
        this.closings = closings;
        this.running = running;
        this.replicas = replicas;
        this.feed = feed;
        this.settings = settings;
        this.clock = clock;
        feed.listen(ChangeFeed.Topic.ROUTES, new ChangeFeed.Listener() {
            @Override
            public void told(List<String> names) {
                names.forEach(EarlierRequests.this::heard);
            }

            @Override
            public void missed() {
                waiting.values().forEach(Semaphore::release);
            }
        });
    }

    sealed interface Standing {
        record Answered(SetupOutcome outcome) implements Standing {}

        /// This replica may work on it; `entered` is the plan under which the ledger has it.
        record Free(Optional<RouteUid> entered) implements Standing {}

        /// No answer before the deadline.
        record Open() implements Standing {}
    }

    /// How an earlier request with this id stands, as soon as that is certain.
    ///
    /// @throws DataAccessException without the database
    Standing standing(RouteRequest request, Instant deadline) throws InterruptedException {
        String id = request.id().toString();
        Semaphore woken = new Semaphore(0);
        try {
            while (true) {
                Optional<Known> known = ledger.find(request.initiator(), request.id());
                if (known.isEmpty()) {
                    return new Standing.Free(Optional.empty());
                }
                Optional<Standing> certain = switch (known.get()) {
                    case Known.Answered answered -> answered(answered, deadline);
                    case Known.Running left -> left(left, deadline);
                };
                if (certain.isPresent()) {
                    return certain.get();
                }
                Duration time = Duration.between(clock.instant(), deadline);
                if (!time.isPositive()) {
                    return new Standing.Open();
                }
                if (waiting.put(id, woken) != woken) {
                    feed.tell(ChangeFeed.Topic.ROUTES, List.of(ASKS + id));
                }
                boolean told = woken.tryAcquire(Math.min(time.toNanos(), LOOK_AGAIN.toNanos()), TimeUnit.NANOSECONDS);
                if (told) {
                    woken.drainPermits();
                }
            }
        } finally {
            waiting.remove(id, woken);
        }
    }

    private Optional<Standing> answered(Known.Answered answered, Instant deadline) {
        boolean passing = answered.outcome() instanceof SetupOutcome.Failed failed
                && failed.reason() == FailureReason.UNAVAILABLE;
        if (!passing || !recovers() || !clock.instant().isBefore(deadline)) {
            return Optional.of(new Standing.Answered(answered.outcome()));
        }
        return closings.reopen(answered.uid(), deadline)
                ? Optional.of(new Standing.Free(Optional.of(answered.uid())))
                : Optional.empty();
    }

    private Optional<Standing> left(Known.Running left, Instant deadline) {
        Optional<ReplicaId> gone =
                left.owner().filter(owner -> owner.equals(replicas.self()) || !replicas.isAlive(owner));
        return gone.isPresent() && recovers() && closings.takeOver(left.uid(), gone.get(), deadline)
                ? Optional.of(new Standing.Free(Optional.of(left.uid())))
                : Optional.empty();
    }

    private boolean recovers() {
        return settings.recovery() == Recovery.ANY_REPLICA;
    }

    /// This replica works on it from now on, until [#over].
    void begun(RequestId request) {
        here.add(request.toString());
    }

    /// The request has its answer; whoever waits for it elsewhere is told.
    void over(RequestId request) {
        String id = request.toString();
        here.remove(id);
        if (awaited.remove(id)) {
            feed.tell(ChangeFeed.Topic.ROUTES, List.of(OVER + id));
        }
    }

    /// An initiator said of a route that is not set up here that its probe came back.
    void probedElsewhere(PublicKey reporter, RouteUid route) {
        feed.tell(ChangeFeed.Topic.ROUTES, List.of(PROBED + route + ":" + reporter.hex()));
    }

    /// As [#probedElsewhere], that it did not.
    void unansweredElsewhere(PublicKey reporter, RouteUid route) {
        feed.tell(ChangeFeed.Topic.ROUTES, List.of(UNANSWERED + route + ":" + reporter.hex()));
    }

    private void heard(String name) {
        String rest = name.substring(1);
        switch (name.substring(0, 1)) {
            case ASKS -> {
                if (here.contains(rest)) {
                    awaited.add(rest);
                    // It may have ended in between.
                    if (!here.contains(rest)) {
                        over(rest);
                    }
                }
            }
            case OVER -> {
                Semaphore woken = waiting.get(rest);
                if (woken != null) {
                    woken.release();
                }
            }
            case PROBED -> probe(rest, SetupEvent.Probed::new);
            case UNANSWERED -> probe(rest, route -> new SetupEvent.ProbeUnanswered(route, "no reply in time"));
            default -> {} // of a newer version
        }
    }

    private void over(String id) {
        if (awaited.remove(id)) {
            feed.tell(ChangeFeed.Topic.ROUTES, List.of(OVER + id));
        }
    }

    private void probe(String named, Function<RouteUid, SetupEvent> event) {
        int colon = named.indexOf(':');
        RouteUid route;
        PublicKey reporter;
        try {
            route = RouteUid.parse(named.substring(0, Math.max(0, colon)));
            reporter = PublicKey.parse(named.substring(colon + 1));
        } catch (IllegalArgumentException ofANewerVersion) {
            return;
        }
        running.tellInitiator(reporter, route, event.apply(route));
    }
}
