package io.skywire.control.setup;

/// Who ends the setups of a replica that died.
enum Recovery {
    /// Whichever replica finds them first.
    ANY_REPLICA,
    /// Nobody: for drills that must fail then.
    NOBODY
}
