package io.skywire.control.setup;

import java.time.Duration;

/// How long a setup waits for nodes and for the probe, and how often it tries. Part of the pure machine's input.
record SetupLimits(Duration nodeTimeout, Duration probeTimeout, int plans, int renumberings) {}
