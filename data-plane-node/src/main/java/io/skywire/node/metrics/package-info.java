/// What a node or a messaging server counts, for Prometheus: `skywire_node_…` or `skywire_relay_…`, and the basics of
/// the JVM, at `/metrics`.
///
/// Start here: [NodeReadings] is what the node tells, [NodeMeters] gives it names, [MetricsServer] shows it; a
/// messaging server has [RelayReadings] and [RelayMeters]. Labels come from enums and are never keys. Nobody depends
/// on this room but the composition root.
@NullMarked
package io.skywire.node.metrics;

import org.jspecify.annotations.NullMarked;
