package io.skywire.node.api;

import java.util.Locale;

/// The stable names of everything that can go wrong, as they stand in `code` of a problem.
public enum ProblemCode {
    /// Nobody with this key is known to the control plane.
    NO_SUCH_NODE(404, "no such node", "no such node at hop %d"),
    /// The node is known, and no path of working transports leads there.
    NO_ROUTE(409, "no route", "no route from hop %d"),
    /// The path that was asked for cannot be: a hop is missing or down, or comes twice.
    INVALID_PATH(422, "invalid path", "invalid path at hop %d"),
    /// A node on the route said no.
    REFUSED(409, "refused", "refused by hop %d"),
    /// A node on the route did not answer in time.
    SILENT(504, "no answer", "no answer from hop %d"),
    /// All rules were set, and nothing came back through the route.
    PROBE_UNANSWERED(504, "the route carries nothing", "the route carries nothing beyond hop %d"),
    /// The request itself is wrong.
    MALFORMED(400, "malformed request", "malformed request for hop %d"),
    UNAVAILABLE(503, "unavailable", "hop %d is unavailable"),
    OVERLOADED(503, "overloaded", "hop %d is overloaded"),
    /// This node has no session with a control plane.
    CONTROL_PLANE_AWAY(503, "no control plane", "no control plane at hop %d"),
    /// Not done within its deadline.
    DEADLINE(504, "deadline exceeded", "deadline exceeded at hop %d"),
    /// The route works, and the peer's end of the session does not.
    PEER_UNREACHABLE(502, "the peer does not answer", "the peer behind hop %d does not answer"),
    NO_SESSION(404, "no session", "no session at hop %d"),
    /// Something is published on this port already.
    PORT_TAKEN(409, "port taken", "port taken at hop %d"),
    NOT_PUBLISHED(404, "not published", "not published at hop %d"),
    /// The API has no such path.
    NOT_FOUND(404, "no such path", "no such path at hop %d"),
    METHOD_NOT_ALLOWED(405, "method not allowed", "method not allowed at hop %d"),
    TOO_LARGE(413, "body too large", "body too large for hop %d"),
    /// A bug in the node.
    INTERNAL(500, "internal error", "internal error at hop %d");

    private final int status;
    private final String title;
    private final String atHop;

    ProblemCode(int status, String title, String atHop) {
        this.status = status;
        this.title = title;
        this.atHop = atHop;
    }

    /// The HTTP status that goes with it.
    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /// The stable name, such as `no_such_node`.
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    String atHop() {
        return atHop;
    }
}
