package io.skywire.local.simulation;

import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/// What all agents of a swarm share.
///
/// @param controls equal control planes; each dial goes to one of them at random
/// @param random safe for any thread
record SwarmParts(
        List<InetSocketAddress> controls,
        PublicKey serviceKey,
        PublicKey setupKey,
        ScheduledExecutorService timers,
        ExecutorService calls,
        RandomGenerator random,
        Roads roads,
        AtomicReference<Applied> applied,
        AgentDelay delay,
        Counting counting) {}
