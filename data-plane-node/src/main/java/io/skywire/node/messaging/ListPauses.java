package io.skywire.node.messaging;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// When the messaging discovery is asked for its list of servers. Pure: time comes with each call, in nanoseconds that
/// run on evenly. Not thread-safe.
///
/// Who has enough sessions asks when the list is old. Who lacks one asks at once, then after a pause that doubles up
/// to a limit; each is a random part, half at least, so that all who lost the same server do not ask together. Each
/// session that is lost lets the pauses begin anew.
final class ListPauses {
    static final Duration FIRST = Duration.ofMillis(250);
    static final Duration LAST = Duration.ofSeconds(15);

    private final long refresh;
    private final RandomGenerator random;
    private int fruitless; // questions since a session was lost
    private long notBefore;
    private long listedAt;

    /// `refresh` is how old a list may be.
    ListPauses(Duration refresh, RandomGenerator random, long now) {
        this.refresh = refresh.toNanos();
        this.random = random;
        this.notBefore = now;
        this.listedAt = now - this.refresh - 1;
    }

    /// Whether to ask now for one who has enough sessions.
    boolean isOld(long now) {
        return now - listedAt > refresh && mayAsk(now);
    }

    /// Whether to ask now for one who lacks a session and knows no server to try.
    boolean mayAsk(long now) {
        return now - notBefore >= 0;
    }

    /// The discovery has answered, or has not.
    void answered(Outcome outcome, long now) {
        if (outcome == Outcome.LIST) {
            listedAt = now;
        }
        long most = Math.min(Math.max(refresh, FIRST.toNanos()), LAST.toNanos());
        long whole = Math.min(most, FIRST.toNanos() << Math.min(fruitless, 10));
        fruitless++;
        notBefore = now + whole / 2 + random.nextLong(whole / 2 + 1);
    }

    /// A session is missing that was not before: the pauses begin anew, and one that is under way ends sooner.
    void missing(long now) {
        fruitless = 0;
        long soon = now + random.nextLong(FIRST.toNanos() + 1);
        if (notBefore - soon > 0) {
            notBefore = soon;
        }
    }

    /// What the discovery answered.
    enum Outcome {
        LIST,
        NOTHING
    }
}
