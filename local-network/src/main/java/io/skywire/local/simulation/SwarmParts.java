package io.skywire.local.simulation;

import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/// What all agents of a swarm share.
///
/// @param random safe for any thread
record SwarmParts(
        InetSocketAddress control,
        PublicKey serviceKey,
        PublicKey setupKey,
        ScheduledExecutorService timers,
        ExecutorService calls,
        RandomGenerator random,
        Counting counting,
        SimulatedPaths paths,
        AgentDelay delay) {}
