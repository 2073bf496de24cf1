package io.skywire.local.simulation.virtual;

import io.skywire.node.transport.LinkFailure;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What two neighbours are joined by, for the whole run; at most one link lives on it at a time.
///
/// | what happens | what the ends see |
/// |---|---|
/// | a frame is corrupt | it does not authenticate: BAD_FRAME at the receiver, the sender a delay later |
/// | reset | both ends are down, one a delay after the other |
/// | nothing passes, or a node is silent | SILENT at the living ends after [#SILENCE], unless it is over before |
/// | whole again | a new link at the next look, which is every [#LOOK] |
final class Cable {
    private static final Duration SILENCE = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofMillis(300);

    private final VirtualNetwork network;
    private final SignedTransport signed;
    private final VirtualNode one;
    private final VirtualNode other;
    private final long delay;
    private final Random random;
    private boolean passes = true;
    private @Nullable VirtualTransport atOne;
    private @Nullable VirtualTransport atOther;

    Cable(
            VirtualNetwork network,
            SignedTransport signed,
            VirtualNode one,
            VirtualNode other,
            Duration delay,
            Random random) {
        this.network = network;
        this.signed = signed;
        this.one = one;
        this.other = other;
        this.delay = delay.toNanos();
        this.random = random;
        look();
    }

    VirtualNetwork network() {
        return network;
    }

    VirtualTime time() {
        return network.time();
    }

    SignedTransport signed() {
        return signed;
    }

    TransportId id() {
        return signed.id();
    }

    VirtualNode one() {
        return one;
    }

    VirtualNode other() {
        return other;
    }

    boolean joins(VirtualNode a, VirtualNode b) {
        return (one == a && other == b) || (one == b && other == a);
    }

    Optional<VirtualTransport> at(VirtualNode node) {
        return Optional.ofNullable(node == one ? atOne : atOther);
    }

    boolean isUp() {
        VirtualTransport first = atOne;
        VirtualTransport second = atOther;
        return passes && first != null && second != null && !first.isDown() && !second.isDown();
    }

    private void look() {
        connect();
        time().after(LOOK, this::look);
    }

    private void connect() {
        if (!passes || !one.isAlive() || !other.isAlive() || isUp()) {
            return;
        }
        // A node that starts again dials before its neighbour has noticed: the older end goes first.
        endIfThere(atOne, LinkFailure.DUPLICATE, "another link takes its place");
        endIfThere(atOther, LinkFailure.DUPLICATE, "another link takes its place");
        boolean bounded = !network.conditions().has(Flaw.QUEUES_WITHOUT_BOUND);
        VirtualTransport first = new VirtualTransport(this, one, other, bounded);
        VirtualTransport second = new VirtualTransport(this, other, one, bounded);
        atOne = first;
        atOther = second;
        network.story().tell("link " + this + " is up");
        one.up(first);
        other.up(second);
    }

    /// Takes one frame of packets on its way.
    void carry(VirtualTransport from, long counter, byte[] frame) {
        Faults faults = network.faults();
        VirtualTransport to = from == atOne ? atOther : from == atOther ? atOne : null;
        if (to == null || !passes) {
            return;
        }
        network.story().mix(1, counter, frame.length);
        if (random.nextDouble() < faults.corrupt()) {
            time().after(delay, () -> corrupt(to, from));
            return;
        }
        if (!signed.entry().type().equals(TransportType.MESSAGING)) {
            arrives(to, counter, frame, delay);
            return;
        }
        if (random.nextDouble() < faults.drop()) {
            return;
        }
        if (random.nextDouble() < faults.duplicate()) {
            arrives(to, counter, frame.clone(), delay + random.nextLong(delay));
        }
        arrives(
                to,
                counter,
                frame,
                random.nextDouble() < faults.reorder() ? delay + random.nextLong(3 * delay) : delay);
    }

    private void arrives(VirtualTransport to, long counter, byte[] frame, long after) {
        time().after(after, () -> {
            if (passes && to.owner().isAlive()) {
                to.arrived(counter, frame);
            }
        });
    }

    private void corrupt(VirtualTransport to, VirtualTransport from) {
        if (!to.isDown()) {
            network.story().tell("a corrupt frame on link " + this);
            to.end(LinkFailure.BAD_FRAME, "a frame does not authenticate");
            time().after(delay, () -> from.end(LinkFailure.UNREACHABLE, "reset by the neighbour"));
        }
    }

    /// The connection is reset; one end hears of it a little later.
    void reset(String why) {
        VirtualTransport first = atOne;
        VirtualTransport second = atOther;
        if (isUp() && first != null && second != null) {
            network.story().tell("link " + this + " is reset: " + why);
            first.end(LinkFailure.UNREACHABLE, why);
            time().after(delay, () -> second.end(LinkFailure.UNREACHABLE, why));
        }
    }

    /// Nothing passes from now on, and nobody is told.
    void part() {
        passes = false;
        network.story().tell("link " + this + " is parted");
        watchSilence();
    }

    void heal() {
        if (!passes) {
            passes = true;
            network.story().tell("link " + this + " is whole again");
        }
    }

    /// One of the nodes is silent from now on.
    void watchSilence() {
        VirtualTransport first = atOne;
        VirtualTransport second = atOther;
        time().after(SILENCE, () -> {
            if (!passes || !one.isAlive() || !other.isAlive()) {
                endIfThere(first, LinkFailure.SILENT, "no answer");
                endIfThere(second, LinkFailure.SILENT, "no answer");
            }
        });
    }

    private static void endIfThere(@Nullable VirtualTransport end, LinkFailure kind, String detail) {
        if (end != null && end.owner().isAlive()) {
            end.end(kind, detail);
        }
    }

    @Override
    public String toString() {
        return one + "-" + other;
    }
}
