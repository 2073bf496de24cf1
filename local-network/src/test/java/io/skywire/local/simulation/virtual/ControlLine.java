package io.skywire.local.simulation.virtual;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A node's control session: one at a time, with some replica, in order, over an authenticated stream: what is corrupt
/// ends it. Ended, the node dials another replica after a while.
final class ControlLine {
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(900);

    private final VirtualNetwork network;
    private final VirtualNode node;
    private final long delay;
    private final Random random;
    private boolean reachable = true;
    private @Nullable Replica replica;
    private int sessions; // each session has a number; messages of an earlier one are lost
    private long upSince;

    ControlLine(VirtualNetwork network, VirtualNode node, Duration delay, Random random) {
        this.network = network;
        this.node = node;
        this.delay = delay.toNanos();
        this.random = random;
    }

    boolean isUp() {
        return replica != null;
    }

    /// Since when the session has been up, if it is.
    Optional<Long> upSince() {
        return isUp() ? Optional.of(upSince) : Optional.empty();
    }

    int session() {
        return sessions;
    }

    void dial() {
        int life = node.life();
        network.time().after(random.nextLong(LONGEST_PAUSE.toNanos()), () -> {
            if (!node.isAlive() || node.life() != life || replica != null) {
                return;
            }
            Optional<Replica> found = reachable ? network.anyReplica(random) : Optional.empty();
            if (found.isEmpty()) {
                dial();
                return;
            }
            replica = found.get();
            upSince = network.time().nanos();
            sessions++;
            node.controlBegins();
        });
    }

    /// A message to the replica, if there is a session and it lives long enough.
    void tell(BiConsumer<Replica, Integer> message) {
        Replica to = replica;
        int session = sessions;
        if (to == null) {
            return;
        }
        boolean corrupt = random.nextDouble() < network.faults().corruptControl();
        network.time().after(delay, () -> {
            if (corrupt) {
                end(session, "a corrupt message to replica " + to.number());
            } else if (session == sessions && to.isAlive()) {
                message.accept(to, session);
            }
        });
    }

    /// A message of the replica to the node, in that session.
    void hear(int session, Runnable message) {
        boolean corrupt = random.nextDouble() < network.faults().corruptControl();
        network.time().after(delay, () -> {
            if (corrupt) {
                end(session, "a corrupt message to " + node);
            } else if (session == sessions && replica != null && node.isAlive()) {
                message.run();
            }
        });
    }

    /// The session is over, as this end learns now.
    void end(int session, String why) {
        Replica was = replica;
        if (was == null || session != sessions) {
            return;
        }
        replica = null;
        network.story().tell("control session of " + node + " ends: " + why);
        network.time().after(delay, () -> was.ended(node.key(), session));
        if (node.isAlive()) {
            node.controlEnds();
            dial();
        }
    }

    void end(String why) {
        end(sessions, why);
    }

    /// No replica can be reached from now on, or again.
    void block() {
        reachable = false;
        end("blocked");
    }

    void unblock() {
        reachable = true;
    }
}
