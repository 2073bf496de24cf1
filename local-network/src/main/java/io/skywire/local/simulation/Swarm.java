package io.skywire.local.simulation;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/// Many [SimulatedAgent]s and the links between them. Each agent is linked to the next few in a ring, so every one has
/// twice as many links. Made with all links up and signed; [#start] dials. Safe for any thread.
public final class Swarm implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
            2, Thread.ofPlatform().daemon().name("swarm-timers-", 0).factory());
    private final ExecutorService calls = Executors.newFixedThreadPool(
            2, Thread.ofPlatform().daemon().name("swarm-calls-", 0).factory());
    private final Counting counting = new Counting();
    private final Roads roads = new Roads();
    private final AgentDelay delay = new AgentDelay();
    private final AtomicReference<Applied> applied = new AtomicReference<>(Applied.NOBODY);

    /// Held, because the JDK forgets loggers that nobody holds. Every session that is cut would else say so.
    private final Logger grpcLog = Logger.getLogger("io.grpc");
    private final Random random;
    private final List<SimulatedAgent> agents;
    private final List<Link> links;

    /// What a swarm is made of.
    ///
    /// @param linksAhead to how many of the next agents each one is linked
    /// @param seed of keys, pauses and nonces
    public record Shape(int agents, int linksAhead, long seed) {
        public Shape {
            if (agents < 2 || linksAhead < 0 || 2 * linksAhead >= agents) {
                throw new IllegalArgumentException(
                        "a ring of " + agents + " agents cannot have " + linksAhead + " links ahead each");
            }
        }
    }

    private Swarm(
            Shape shape,
            List<InetSocketAddress> controls,
            PublicKey serviceKey,
            PublicKey setupKey,
            IntPredicate wired) {
        grpcLog.setLevel(Level.WARNING);
        timers.setRemoveOnCancelPolicy(true);
        timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // Calls that end while this is closed may still want to dial again.
        timers.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        random = new Random(shape.seed());
        SwarmParts parts =
                new SwarmParts(controls, serviceKey, setupKey, timers, calls, random, roads, applied, delay, counting);
        List<SimulatedAgent> made = new ArrayList<>();
        for (int i = 0; i < shape.agents(); i++) {
            made.add(new SimulatedAgent(
                    parts, KeyPair.generate(random), wired.test(i) ? Wire.to(controls.getFirst()) : null));
        }
        agents = List.copyOf(made);
        links = IntStream.range(0, shape.agents() * shape.linksAhead())
                .parallel()
                .mapToObj(i -> link(
                        agents.get(i / shape.linksAhead()),
                        agents.get((i / shape.linksAhead() + 1 + i % shape.linksAhead()) % shape.agents())))
                .toList();
        links.forEach(link -> {
            link.one().begin(link.signed());
            link.other().begin(link.signed());
            roads.open(link);
        });
    }

    /// @param wired which agents, by number, get a wire of their own and can [SimulatedAgent#vanish]
    public static Swarm of(
            Shape shape, InetSocketAddress control, PublicKey serviceKey, PublicKey setupKey, IntPredicate wired) {
        return new Swarm(shape, List.of(control), serviceKey, setupKey, wired);
    }

    /// Agents that know several equal control planes.
    public static Swarm over(Shape shape, List<InetSocketAddress> controls, PublicKey serviceKey, PublicKey setupKey) {
        return new Swarm(shape, List.copyOf(controls), serviceKey, setupKey, agent -> false);
    }

    private static Link link(SimulatedAgent one, SimulatedAgent other) {
        return new Link(
                SignedTransport.signedByBoth(
                        TransportEntry.between(one.key(), other.key(), TransportType.TCP), one.keys(), other.keys()),
                one,
                other);
    }

    /// All dial, spread evenly over `spread`.
    public void start(Duration spread) {
        for (int i = 0; i < agents.size(); i++) {
            agents.get(i).dialAfter(spread.multipliedBy(i).dividedBy(agents.size()));
        }
    }

    public List<SimulatedAgent> agents() {
        return agents;
    }

    public List<Link> links() {
        return links;
    }

    /// How many agents stand there.
    public int count(SimulatedAgent.State state) {
        return (int) agents.stream().filter(agent -> agent.state() == state).count();
    }

    /// The links as packets see them.
    public Roads roads() {
        return roads;
    }

    /// From now on this is added to every agent's round trip to its control plane, half of it each way; between agents
    /// nothing is added.
    public void delay(Duration roundTrip) {
        delay.roundTrip(roundTrip);
    }

    /// `listener` hears from now on of every delta with new rules that an agent has applied.
    public void hearApplied(Applied listener) {
        applied.set(listener);
    }

    public SwarmCounts counts() {
        return counting.counts();
    }

    @Override
    public void close() {
        timers.shutdownNow();
        agents.forEach(SimulatedAgent::close);
        calls.shutdown();
    }
}
