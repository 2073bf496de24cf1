/// What people watch a network by: the page of metrics, dashboards, alerts with their runbooks, and what programs
/// really show.
///
/// Start here: [MetricsPage] is `docs/metrics.md`, [Exposition] is what one process shows, [Dashboard] and [RuleFile]
/// hold expressions, [Expression] says which series one needs; tests and the drill `dashboards` compare them. Reads
/// files only.
@NullMarked
package io.skywire.local.watch;

import org.jspecify.annotations.NullMarked;
