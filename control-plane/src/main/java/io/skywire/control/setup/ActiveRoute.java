package io.skywire.control.setup;

import java.util.Optional;

/// A route that was told to its initiator: nothing happens to it but its end, `ACTIVE → CLOSING → CLOSED`. Pure.
///
/// CLOSING lasts as long as the transaction that writes the removals; if that fails the route is still ACTIVE.
record ActiveRoute(Placement placement) {
    /// Why the event closes the route, empty if it does not concern it.
    Optional<String> closedBy(SetupEvent event) {
        return switch (event) {
            case SetupEvent.CloseAsked close ->
                when(
                        close.route().equals(placement.route()) && placement.isEnd(close.by()),
                        "closed by hop " + placement.placeOf(close.by()) + ": " + close.detail());
            case SetupEvent.RuleExpired expired ->
                when(
                        expired.route().equals(placement.route()) && placement.placeOf(expired.node()) >= 0,
                        "idle at hop " + placement.placeOf(expired.node()));
            case SetupEvent.TransportLost lost ->
                when(placement.transports().contains(lost.transport()), "transport " + lost.transport() + " is down");
            case SetupEvent.Orphaned orphaned ->
                when(orphaned.route().equals(placement.route()), "neither end has had a session for too long");
            default -> Optional.empty();
        };
    }

    private static Optional<String> when(boolean concerned, String reason) {
        return concerned ? Optional.of(reason) : Optional.empty();
    }
}
