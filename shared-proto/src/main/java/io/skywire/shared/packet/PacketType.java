package io.skywire.shared.packet;

import java.util.Optional;

/// What a packet is for. Numbers below 16 are Skywire's, numbers from 16 on are ours.
public enum PacketType {
    /// Payload of a session: one QUIC datagram.
    DATA(0),
    /// Skywire's close of a route. Not used: sessions close end to end, rules go by deltas.
    CLOSE(1),
    /// Keeps the rules of a route from idling out; empty. On route id 0: keeps the link.
    KEEP_ALIVE(2),
    /// Asks for a [#PONG] with the same payload (at most 64 bytes): a round trip is measured.
    PING(4),
    PONG(5),
    /// UTF-8 text for people.
    ERROR(6),
    /// From the node beside a dead link, backwards along a route that used it.
    ROUTE_BROKEN(16),
    /// From a route's initiator: does data pass? 8 bytes that the reply repeats.
    PROBE(17),
    PROBE_REPLY(18),
    /// On route id 0, right after the handshake: the sender's signature of the transport entry (65 bytes).
    SETTLE(19);

    private static final PacketType[] BY_NUMBER = new PacketType[256];

    static {
        for (PacketType type : values()) {
            BY_NUMBER[type.number] = type;
        }
    }

    private final int number;

    PacketType(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<PacketType> ofNumber(int number) {
        return number < 0 || number > 255 ? Optional.empty() : Optional.ofNullable(BY_NUMBER[number]);
    }
}
