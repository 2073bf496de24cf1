package io.skywire.control.discovery;

/// How a report relates to the ones before it.
public enum ReportKind {
    /// Only the views that it names have changed.
    CHANGES,

    /// Everything that the edge holds: a view that is not in it goes down. The first report of a session is one.
    WHOLE_VIEW
}
