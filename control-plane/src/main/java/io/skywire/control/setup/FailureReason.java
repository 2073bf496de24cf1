package io.skywire.control.setup;

/// Why a setup failed; the meanings are those of `SetupFailureReason` in `agent_session.proto`.
public enum FailureReason {
    NO_SUCH_NODE,
    NO_ROUTE,
    INVALID_PATH,
    REFUSED,
    SILENT,
    PROBE_UNANSWERED,
    MALFORMED,
    UNAVAILABLE,
    OVERLOADED
}
