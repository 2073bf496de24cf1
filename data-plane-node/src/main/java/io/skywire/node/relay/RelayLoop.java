package io.skywire.node.relay;

import io.netty.channel.EventLoop;
import io.skywire.node.letters.Crossing;
import io.skywire.node.letters.Workspace;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// One event loop of the server: the sessions that live on it, what they share, and the ways to the other loops. On
/// that loop only, unless said otherwise.
final class RelayLoop {
    private static final int CROSSING_BYTES = 4 << 20;

    private final EventLoop loop;
    private final int index;
    private final Workspace workspace;
    private final SessionTable.Finder finder;
    private final Set<RelaySession> sessions = new LinkedHashSet<>();
    private final List<RelaySession> touched = new ArrayList<>();
    private final List<Crossing<RelaySession, RelaySession>> crossings = new ArrayList<>(); // by index of the target
    private boolean crossed;

    RelayLoop(EventLoop loop, int index, Workspace workspace, SessionTable table) {
        this.loop = loop;
        this.index = index;
        this.workspace = workspace;
        this.finder = table.finder();
    }

    /// Once, before the first session, on any thread.
    void connect(List<RelayLoop> all) {
        for (RelayLoop other : all) {
            crossings.add(new Crossing<>(other.loop, RelaySession::arrive, other::endOfRead, CROSSING_BYTES));
        }
    }

    /// Looks at each session every now and then, for ever.
    void startTicking(RelaySettings settings) {
        long period = settings.tick().toNanos();
        // The loops outlive the server only by their own shutdown, which ends this too.
        var unused = loop.scheduleWithFixedDelay(this::tick, period, period, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        List.copyOf(sessions).forEach(RelaySession::tick);
        endOfRead();
    }

    EventLoop eventLoop() {
        return loop;
    }

    int index() {
        return index;
    }

    Workspace workspace() {
        return workspace;
    }

    SessionTable.Finder finder() {
        return finder;
    }

    void add(RelaySession session) {
        sessions.add(session);
    }

    void remove(RelaySession session) {
        sessions.remove(session);
    }

    /// The session has something to flush at the end of this read.
    void touch(RelaySession session) {
        if (session.touch()) {
            touched.add(session);
        }
    }

    /// Sends a letter to a session of another loop; answers whether there was room.
    boolean cross(RelaySession to, RelaySession from, byte[] frame, int offset, int length) {
        crossed = true;
        return crossings.get(to.loop().index).offer(to, from, frame, offset, length);
    }

    /// One read of a socket, or one batch of another loop, is done: everything goes out.
    void endOfRead() {
        for (int i = 0; i < touched.size(); i++) { // a flush may touch others
            touched.get(i).flushTouched();
        }
        touched.clear();
        if (crossed) {
            crossed = false;
            crossings.forEach(Crossing::flush);
        }
    }
}
