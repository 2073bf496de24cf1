/// Compares a control plane, at any address, with what stock Skywire clients need of it.
///
/// Start here: [ConformanceCommand] is the command, [ConformanceSuite] the cases, [StockClient] the client, which
/// behaves as the mirrored Go clients do. Uses fresh keys in every run; what it registers lapses with its lease.
/// Allowed arrows: `io.skywire.shared` and libraries.
@NullMarked
package io.skywire.local.conformance;

import org.jspecify.annotations.NullMarked;
