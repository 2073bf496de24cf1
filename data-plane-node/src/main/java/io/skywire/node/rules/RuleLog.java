package io.skywire.node.rules;

import io.skywire.shared.rule.RuleDelta;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the newest signed snapshot and the increments after it in `rules.log` of the state directory.
///
/// Written on a thread of its own: [#SOON] after a change at the latest, all that has come by then at once, and at
/// [#close()]. A disk that takes longer is written to less often, so that it works a tenth of the time at most. A disk
/// that refuses is told once and tried again every [#RETRY]; the node goes on without it.
///
/// | what is kept | so |
/// |---|---|
/// | a snapshot and increments that are not much longer | the good case |
/// | increments of more than [#LONG] bytes and twice the snapshot | a snapshot is wanted |
/// | [#LONGEST] bytes of increments, or too many that wait | nothing is added until a snapshot; a restart begins older
/// |
public final class RuleLog implements RuleMemory, AutoCloseable {
    static final Duration SOON = Duration.ofMillis(200);
    static final Duration RETRY = Duration.ofSeconds(10);
    static final long LONG = 256 * 1024;
    static final long LONGEST = 16 * 1024 * 1024;
    private static final int MOST_WAITING = 4096;
    private static final int REST = 10;

    private static final Logger log = LoggerFactory.getLogger(RuleLog.class);

    private final RuleLogFile file;
    private final ScheduledExecutorService disk;
    private final Object writing = new Object();
    // All under the lock of this object.
    private List<Entry> waiting = new ArrayList<>();
    private boolean due;
    private boolean gap;
    private boolean closed;
    private long snapshotBytes;
    private long sinceBytes;
    private Duration pause = SOON;
    private long failures;
    private Optional<String> unsaved = Optional.empty();

    /// @param disk one thread that may wait for the disk
    public RuleLog(Path stateDir, ScheduledExecutorService disk) {
        this.file = new RuleLogFile(stateDir.resolve("rules.log"));
        this.disk = disk;
    }

    @Override
    public List<Entry> read() {
        List<Entry> entries;
        try {
            synchronized (writing) {
                entries = file.read();
            }
        } catch (IOException unreadable) {
            log.warn("the rules in {} cannot be read, so this node begins without: {}", file, unreadable.toString());
            return List.of();
        }
        synchronized (this) {
            entries.forEach(this::measure);
        }
        return entries;
    }

    @Override
    public void holds(int entries) {
        synchronized (writing) {
            file.holds(entries);
        }
    }

    @Override
    public synchronized void add(Entry entry) {
        if (isSnapshot(entry)) {
            waiting.clear(); // what came before is in it
            gap = false;
        }
        if (gap) {
            return;
        }
        measure(entry);
        waiting.add(entry);
        if (sinceBytes > LONGEST || waiting.size() > MOST_WAITING) {
            gap = true;
            waiting.removeIf(one -> !isSnapshot(one)); // a part of what followed is of no use later
            log.warn("changes of the rules are not kept on disk until a whole snapshot comes");
        }
        writeIn(pause);
    }

    private static boolean isSnapshot(Entry entry) {
        return entry instanceof Entry.Applied applied && applied.kind() == RuleDelta.Kind.SNAPSHOT;
    }

    private void measure(Entry entry) {
        long bytes = RuleLogFile.size(entry);
        if (isSnapshot(entry)) {
            snapshotBytes = bytes;
            sinceBytes = 0;
        } else {
            sinceBytes += bytes;
        }
    }

    @Override
    public synchronized boolean wantsSnapshot() {
        return gap || sinceBytes > Math.max(LONG, 2 * snapshotBytes);
    }

    /// Why what was applied last is not on disk; none: it is, or will be in a moment.
    public synchronized Optional<String> unsaved() {
        return unsaved.isEmpty() && gap ? Optional.of("waits for a snapshot of the control plane") : unsaved;
    }

    /// Writes that failed so far.
    public synchronized long failures() {
        return failures;
    }

    private void writeIn(Duration delay) {
        if (due || closed) {
            return;
        }
        try {
            var unused = disk.schedule(this::write, delay.toMillis(), TimeUnit.MILLISECONDS);
            due = true;
        } catch (RejectedExecutionException nodeIsClosing) {
            log.debug("the node is closing; the rest is written at its end");
        }
    }

    private void write() {
        synchronized (writing) {
            List<Entry> batch = take();
            if (batch.isEmpty()) {
                return;
            }
            long begin = System.nanoTime();
            try {
                if (isSnapshot(batch.getFirst())) {
                    file.replace(batch);
                } else {
                    file.append(batch);
                }
                written(Duration.ofNanos(System.nanoTime() - begin));
            } catch (IOException refused) {
                failed(batch, refused);
            }
        }
    }

    private synchronized List<Entry> take() {
        due = false;
        List<Entry> batch = waiting;
        waiting = new ArrayList<>();
        return batch;
    }

    private synchronized void written(Duration took) {
        Duration rest = took.multipliedBy(REST);
        pause = rest.compareTo(SOON) < 0 ? SOON : rest.compareTo(RETRY) > 0 ? RETRY : rest;
        if (unsaved.isPresent()) {
            log.info("rules are kept on disk again");
            unsaved = Optional.empty();
        }
    }

    private synchronized void failed(List<Entry> batch, IOException refused) {
        failures++;
        if (unsaved.isEmpty()) {
            log.warn(
                    "rules cannot be kept in {}, trying again every {} s; a restart would begin with older ones: {}",
                    file,
                    RETRY.toSeconds(),
                    refused.toString());
        }
        unsaved = Optional.of(refused.toString());
        if (waiting.isEmpty() || !isSnapshot(waiting.getFirst())) {
            waiting.addAll(0, batch);
        }
        writeIn(RETRY);
    }

    /// Writes what is left. What comes later is not kept.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        write();
    }
}
