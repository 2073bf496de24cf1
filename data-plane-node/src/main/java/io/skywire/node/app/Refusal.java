package io.skywire.node.app;

import io.skywire.node.session.DialAnswer;
import io.skywire.node.session.StreamRefusal;
import java.util.OptionalInt;

/// Why a local program does not get its connection: one kind, to be told in the words of each protocol, and one line
/// for people.
record Refusal(Kind kind, String detail) {
    enum Kind {
        NOT_ALLOWED,
        NO_SUCH_NODE,
        NO_ROUTE,
        REFUSED_ON_ROUTE,
        PORT_REFUSED,
        BUSY,
        TIMEOUT,
        UNAVAILABLE
    }

    static Refusal of(StreamRefusal refusal) {
        Kind kind = switch (refusal) {
            case NOT_PUBLISHED, TARGET_REFUSED -> Kind.PORT_REFUSED;
            case NOT_ALLOWED -> Kind.NOT_ALLOWED;
            case BUSY -> Kind.BUSY;
        };
        return new Refusal(kind, refusal.text());
    }

    static Refusal of(DialAnswer.Failed failed) {
        String detail = failed.detail();
        return switch (failed.reason()) {
            case NO_SUCH_NODE -> new Refusal(Kind.NO_SUCH_NODE, "no such node: " + detail);
            case NO_ROUTE -> new Refusal(Kind.NO_ROUTE, "no route: " + detail);
            case INVALID_PATH -> new Refusal(Kind.NO_ROUTE, "no such path: " + detail);
            case REFUSED -> new Refusal(Kind.REFUSED_ON_ROUTE, "refused" + by(failed.hop()) + ": " + detail);
            case SILENT -> new Refusal(Kind.REFUSED_ON_ROUTE, "no answer" + by(failed.hop()) + ": " + detail);
            case PROBE_UNANSWERED -> new Refusal(Kind.REFUSED_ON_ROUTE, "the route carries nothing: " + detail);
            case ROUTE_LOST -> new Refusal(Kind.REFUSED_ON_ROUTE, "the route was lost: " + detail);
            case SESSION_REFUSED -> new Refusal(Kind.REFUSED_ON_ROUTE, "refused by the node: " + detail);
            case DEADLINE, SESSION_TIMEOUT -> new Refusal(Kind.TIMEOUT, "timeout: " + detail);
            case OVERLOADED -> new Refusal(Kind.BUSY, "overloaded: " + detail);
            case CONTROL_PLANE_AWAY ->
                new Refusal(Kind.UNAVAILABLE, "this node has no session with a control plane: " + detail);
            case UNAVAILABLE, MALFORMED -> new Refusal(Kind.UNAVAILABLE, "unavailable: " + detail);
        };
    }

    static Refusal of(AddressBook.Lookup.Unknown unknown) {
        return new Refusal(Kind.NO_SUCH_NODE, "no such node: " + unknown.detail());
    }

    static Refusal of(AddressBook.Lookup.Foreign foreign) {
        return new Refusal(Kind.NOT_ALLOWED, "not allowed: " + foreign.detail());
    }

    private static String by(OptionalInt hop) {
        return hop.isPresent() ? " by hop " + hop.getAsInt() : "";
    }
}
