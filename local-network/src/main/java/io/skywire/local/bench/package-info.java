/// Benchmarks of `./skywire bench`: each measures real processes beside a plain ceiling or a peer, in one run.
///
/// Start here: [BenchCommand] lists them; each is an [io.skywire.local.Experiment] and answers with an
/// [io.skywire.local.Report]. Allowed arrows: `io.skywire.local`, `io.skywire.local.simulation`, `io.skywire.shared`.
@NullMarked
package io.skywire.local.bench;

import org.jspecify.annotations.NullMarked;
