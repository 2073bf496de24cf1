/// Microbenchmarks of the hot paths, run by hand with JMH; nothing depends on them and no build step waits for them.
///
/// Start here: [SignatureBenchmark], [RuleDeltaBenchmark]. Run: see `benchmarks/README.md`.
@NullMarked
package io.skywire.benchmarks;

import org.jspecify.annotations.NullMarked;
