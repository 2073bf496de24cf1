package io.skywire.node.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Keeps one peer linked: dials until a link is there, and again when it is gone. Safe for any thread.
///
/// | phase | event | next |
/// |---|---|---|
/// | WAITING | the back-off has passed | CONNECTING, or LINKED if the peer has dialled meanwhile |
/// | CONNECTING | failed | WAITING, the back-off doubled |
/// | any | a link with the peer settled | LINKED |
/// | LINKED | the link is gone | WAITING |
/// | WAITING | rest | RESTING |
/// | RESTING | resume | WAITING, and it dials at once |
/// | any | stop | STOPPED |
///
/// The back-off is a random part, half at least, of a time that doubles up to a limit. It starts anew only after a link
/// that lived longer than that limit, so a link that breaks at once is not dialled in a storm.
final class Dial {
    private final PublicKey peer;
    private final String address;
    private final Duration firstBackOff;
    private final Duration lastBackOff;
    private final EventLoop loop;
    private final RandomGenerator random;
    private final Links links;
    private DialState.Phase phase = DialState.Phase.WAITING;
    private Optional<String> lastFailure = Optional.empty();
    private int failures;
    private @Nullable Future<?> timer;
    private @Nullable Future<?> steady; // runs while a link lives, forgives earlier failures

    /// What a dial needs of the links.
    interface Links {
        boolean isLinked(PublicKey peer);

        /// Connects and shakes hands; tells the attempt how it went.
        void connect(PublicKey peer, Attempt attempt);
    }

    /// `address` is for people.
    Dial(
            PublicKey peer,
            String address,
            Duration firstBackOff,
            Duration lastBackOff,
            EventLoop loop,
            RandomGenerator random,
            Links links) {
        this.peer = peer;
        this.address = address;
        this.firstBackOff = firstBackOff;
        this.lastBackOff = lastBackOff;
        this.loop = loop;
        this.random = random;
        this.links = links;
    }

    synchronized DialState state() {
        return new DialState(peer, address, phase, lastFailure);
    }

    synchronized void start() {
        schedule(Duration.ZERO);
    }

    synchronized void stop() {
        phase = DialState.Phase.STOPPED;
        cancel(timer);
        cancel(steady);
    }

    /// Dials no more until [#resume()]. False if an attempt is under way or a link is there.
    synchronized boolean rest() {
        if (phase != DialState.Phase.WAITING) {
            return false;
        }
        cancel(timer);
        phase = DialState.Phase.RESTING;
        return true;
    }

    synchronized void resume() {
        if (phase == DialState.Phase.RESTING) {
            phase = DialState.Phase.WAITING;
            fire();
        }
    }

    /// A link with the peer has settled, whoever dialled.
    synchronized void linked() {
        if (phase == DialState.Phase.STOPPED) {
            return;
        }
        phase = DialState.Phase.LINKED;
        cancel(timer);
        cancel(steady);
        steady = later(this::forgive, lastBackOff);
    }

    /// A link with the peer has ended.
    synchronized void lost(String reason) {
        if (phase == DialState.Phase.LINKED && !links.isLinked(peer)) {
            cancel(steady);
            retry(reason);
        }
    }

    private synchronized void failed(String reason) {
        if (phase == DialState.Phase.CONNECTING) {
            retry(reason);
        }
    }

    private synchronized void forgive() {
        if (phase == DialState.Phase.LINKED) {
            failures = 0;
        }
    }

    private synchronized void fire() {
        if (phase != DialState.Phase.WAITING) {
            return;
        }
        if (links.isLinked(peer)) {
            linked();
            return;
        }
        phase = DialState.Phase.CONNECTING;
        links.connect(peer, new Attempt() {
            @Override
            public void settled() {
                // The link's owner tells every dial of the peer.
            }

            @Override
            public void failed(LinkFailure kind, String detail) {
                Dial.this.failed(detail);
            }
        });
    }

    private void retry(String reason) {
        lastFailure = Optional.of(reason);
        schedule(backOff());
    }

    private Duration backOff() {
        long first = firstBackOff.toNanos();
        long limit = lastBackOff.toNanos();
        long whole = failures >= Long.numberOfLeadingZeros(first) - 1 ? limit : Math.min(limit, first << failures);
        failures++;
        return Duration.ofNanos(whole / 2 + random.nextLong(whole / 2 + 1));
    }

    private void schedule(Duration delay) {
        phase = DialState.Phase.WAITING;
        timer = later(this::fire, delay);
    }

    private @Nullable Future<?> later(Runnable step, Duration delay) {
        try {
            return loop.schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException ending) {
            return null; // the loops are shutting down
        }
    }

    private static void cancel(@Nullable Future<?> future) {
        if (future != null) {
            future.cancel(false);
        }
    }
}
