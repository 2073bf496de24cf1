/// Drills of `./skywire drill`: each breaks something on purpose in real processes and measures what follows.
///
/// Start here: [DrillCommand] lists them; each is an [io.skywire.local.Experiment] and answers with an
/// [io.skywire.local.Report]. Allowed arrows: `io.skywire.local`, `io.skywire.local.simulation`, `io.skywire.shared`.
@NullMarked
package io.skywire.local.drill;

import org.jspecify.annotations.NullMarked;
