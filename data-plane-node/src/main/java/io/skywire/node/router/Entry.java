package io.skywire.node.router;

import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.rule.Rule;

/// A rule in the table, with what the forwarding path needs at hand.
///
/// The counters are written by the event loop of the rule's ingress (for a forward rule: by whoever sends) without a
/// lock; other threads may read them a moment late.
abstract sealed class Entry permits Entry.Relay, Entry.Consume {
    private long packets;
    private long bytes;
    private volatile long usedAtNanos;

    Entry(long nowNanos) {
        this.usedAtNanos = nowNanos;
    }

    abstract Rule rule();

    final void used(int length, long nowNanos) {
        packets++;
        bytes += length;
        if (usedAtNanos != nowNanos) {
            usedAtNanos = nowNanos; // at most one volatile write per read of the socket
        }
    }

    final long packets() {
        return packets;
    }

    final long bytes() {
        return bytes;
    }

    final long usedAtNanos() {
        return usedAtNanos;
    }

    static final class Relay extends Entry {
        private final Rule.Relay rule;
        private final Port egress;
        private final int egressId;

        Relay(Rule.Relay rule, Port egress, long nowNanos) {
            super(nowNanos);
            this.rule = rule;
            this.egress = egress;
            this.egressId = rule.egressId().bits();
        }

        @Override
        Rule.Relay rule() {
            return rule;
        }

        Port egress() {
            return egress;
        }

        void rewrite(byte[] packet, int offset) {
            PacketLayout.rewriteRouteId(packet, offset, egressId);
        }
    }

    static final class Consume extends Entry {
        private final Rule.Consume rule;
        private final Edge edge;

        Consume(Rule.Consume rule, Edge edge, long nowNanos) {
            super(nowNanos);
            this.rule = rule;
            this.edge = edge;
        }

        @Override
        Rule.Consume rule() {
            return rule;
        }

        Edge edge() {
            return edge;
        }
    }
}
