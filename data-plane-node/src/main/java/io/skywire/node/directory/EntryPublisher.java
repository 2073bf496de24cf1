package io.skywire.node.directory;

import io.skywire.shared.key.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one key's entry in the messaging discovery: publishes it at once when it changes, and again before its lease
/// ends. Safe for any thread; works on a virtual thread of its own.
///
/// | what happens | what follows |
/// |---|---|
/// | published | again after the renewal time, up to a tenth sooner |
/// | the sequence is outdated (another start, another program with this key) | the newest is looked up, and once more
/// at once |
/// | away, refused or nonsense | again after a back-off that doubles up to half the renewal time, jittered |
public final class EntryPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EntryPublisher.class);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(500);
    private static final Duration BETWEEN_CHANGES = Duration.ofMillis(200);
    private static final int MOST_CONFLICTS = 3;

    private final DirectoryClient directory;
    private final KeyPair keys;
    private final Supplier<EntryContent> content;
    private final Duration renewal;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread worker;
    private boolean due = true;
    private boolean stopped;
    private long sequence = -1; // unknown until it was looked up
    private int failures;
    private volatile Optional<Instant> published = Optional.empty();
    private volatile Optional<String> failure = Optional.empty();

    /// `content` is asked each time, on the publisher's own thread.
    public EntryPublisher(
            DirectoryClient directory,
            KeyPair keys,
            Supplier<EntryContent> content,
            Duration renewal,
            InstantSource clock,
            RandomGenerator random) {
        this.directory = directory;
        this.keys = keys;
        this.content = content;
        this.renewal = renewal;
        this.clock = clock;
        this.random = random;
        this.worker = Thread.ofVirtual().name("entry-publisher").unstarted(this::run);
    }

    public void start() {
        worker.start();
    }

    /// The content is another: publish it soon.
    public void changed() {
        lock.lock();
        try {
            due = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// When the discovery took the newest entry.
    public Optional<Instant> published() {
        return published;
    }

    /// Why the last attempt failed, if it did.
    public Optional<String> failure() {
        return failure;
    }

    private void run() {
        try {
            while (awaitChange(Duration.ZERO)) {
                Duration pause = publishOnce();
                if (!awaitQuiet() || !awaitChange(pause.minus(BETWEEN_CHANGES))) {
                    return;
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /// A server whose sessions come and go does not publish each of them.
    private boolean awaitQuiet() throws InterruptedException {
        lock.lock();
        try {
            long left = BETWEEN_CHANGES.toNanos();
            while (left > 0 && !stopped) {
                left = changed.awaitNanos(left);
            }
            return !stopped;
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitChange(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!due && left > 0 && !stopped) {
                left = changed.awaitNanos(left);
            }
            due = false;
            return !stopped;
        } finally {
            lock.unlock();
        }
    }

    /// Answers after which time to do it again.
    private Duration publishOnce() throws InterruptedException {
        try {
            for (int conflicts = 0; ; conflicts++) {
                try {
                    directory.publish(next());
                    break;
                } catch (DirectoryException outdated) {
                    sequence = -1;
                    if (outdated.kind() != DirectoryException.Kind.OUTDATED || conflicts == MOST_CONFLICTS) {
                        throw outdated;
                    }
                }
            }
            published = Optional.of(clock.instant());
            if (failure.isPresent()) {
                LOG.info("the messaging discovery takes this key's entry again");
            }
            failure = Optional.empty();
            failures = 0;
            return jittered(renewal, 10);
        } catch (DirectoryException refused) {
            if (failure.isEmpty()) {
                LOG.warn("the messaging discovery has not taken this key's entry: {}", refused.getMessage());
            }
            failure = Optional.of(String.valueOf(refused.getMessage()));
            long most = renewal.toNanos() / 2;
            long whole = Math.min(most, FIRST_BACK_OFF.toNanos() << Math.min(failures, 20));
            failures++;
            return jittered(Duration.ofNanos(whole), 2);
        }
    }

    /// The next document. After a start the discovery is asked how far this key had come.
    private DirectoryEntry next() throws DirectoryException, InterruptedException {
        if (sequence < 0) {
            sequence = directory
                    .entry(keys.publicKey())
                    .map(DirectoryEntry::sequence)
                    .orElse(-1L);
        }
        sequence++;
        return DirectoryEntry.sign(keys, sequence, clock.instant(), content.get());
    }

    /// Up to one `part`th shorter, so that many who began together do not stay together.
    private Duration jittered(Duration whole, int part) {
        return whole.minusNanos(random.nextLong(whole.toNanos() / part + 1));
    }

    /// Takes the entry out of the discovery and publishes no more. Waits for the discovery's answer; answers why it
    /// failed, if it did.
    public Optional<String> withdraw() throws InterruptedException {
        close();
        worker.join();
        try {
            if (published.isPresent()) {
                directory.delete(next());
            }
            return Optional.empty();
        } catch (DirectoryException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    /// Publishes no more; the entry ends with its lease.
    @Override
    public void close() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
