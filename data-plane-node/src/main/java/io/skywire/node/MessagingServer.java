package io.skywire.node;

import io.netty.channel.EventLoopGroup;
import io.netty.util.internal.PlatformDependent;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.KeyFileException;
import io.skywire.node.config.RelayConfig;
import io.skywire.node.directory.DirectoryClient;
import io.skywire.node.directory.EntryContent;
import io.skywire.node.directory.EntryPublisher;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.loops.LoopUsage;
import io.skywire.node.metrics.MetricsServer;
import io.skywire.node.metrics.MetricsStartException;
import io.skywire.node.metrics.NodeReadings;
import io.skywire.node.metrics.RelayReadings;
import io.skywire.node.relay.DropReason;
import io.skywire.node.relay.EndReason;
import io.skywire.node.relay.Refusal;
import io.skywire.node.relay.Relay;
import io.skywire.node.relay.RelayCounters;
import io.skywire.node.relay.RelaySettings;
import io.skywire.node.transport.FasterCipher;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One messaging server: its rooms built in order, closed in reverse. Ending it takes its entry out of the messaging
/// discovery first, then tells the clients to move, and waits for them as long as the config says.
///
/// Several live in one JVM, beside nodes; nothing here is static but the logger.
public final class MessagingServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MessagingServer.class);
    private static final Duration CLOSE_STEP = Duration.ofSeconds(3);
    private static final Duration ASK_DISCOVERY = Duration.ofSeconds(5);
    private static final Duration RENEW = Duration.ofMinutes(1);

    private final Deque<Closing> closings = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final PublicKey key;
    private final InetSocketAddress listening;
    private final Optional<InetSocketAddress> metrics;
    private final Relay relay;

    /// Returns when the server listens; its entry in the discovery comes by itself.
    ///
    /// @throws NodeStartException if the machine does not give what the config asks for, such as a port in use
    public static MessagingServer start(RelayConfig config) throws NodeStartException {
        return new MessagingServer(config);
    }

    private MessagingServer(RelayConfig config) throws NodeStartException {
        try {
            KeyPair keys = KeyFile.read(config.keyFile());
            key = keys.publicKey();
            SecureRandom random = new SecureRandom();
            InstantSource clock = InstantSource.system();
            EventLoopGroup loops = EventLoops.open("relay-loop", config.eventLoops());
            closing(() -> loops.shutdownGracefully(0, CLOSE_STEP.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_STEP.toMillis()));
            relay = new Relay(keys, settings(config), loops, clock, System::nanoTime, random);
            closing(() -> relay.close(CLOSE_STEP));
            listening = relay.listen(config.listen().resolve());
            closing(() -> drain(config.drain()));
            Optional<EntryPublisher> publisher = publisher(config, keys, clock, random);
            if (config.metrics().isPresent()) {
                MetricsServer server = MetricsServer.start(
                        config.metrics().get().resolve(), new Numbers(relay, publisher, LoopUsage.of(loops)));
                closings.addLast(server::close); // the last to go: draining is worth watching
                metrics = Optional.of(server.address());
            } else {
                metrics = Optional.empty();
            }
        } catch (IOException | KeyFileException | MetricsStartException | IllegalArgumentException refused) {
            closeAll();
            throw new NodeStartException(String.valueOf(refused.getMessage()), refused);
        } catch (RuntimeException | Error bug) {
            closeAll();
            throw bug;
        }
    }

    private static RelaySettings settings(RelayConfig config) {
        RelaySettings settings = RelaySettings.defaults(CipherOffer.preferring(FasterCipher.ofThisMachine()));
        settings = settings.withSessions(config.capacity(), config.capacityPerNetwork(), settings.sessionsPerMinute())
                .withMemory(settings.queue(), config.memory(), config.socketMemory());
        if (config.rate().isEmpty()) {
            return settings;
        }
        RelayConfig.Rate rate = config.rate().get();
        return settings.withRate(
                new RelaySettings.Rate(rate.letters(), Math.max(LetterLayout.MAX_LETTER, rate.bytes())));
    }

    private Optional<EntryPublisher> publisher(
            RelayConfig config, KeyPair keys, InstantSource clock, SecureRandom random) {
        if (config.discovery().isEmpty()) {
            return Optional.empty();
        }
        DirectoryClient directory = new DirectoryClient(config.discovery().get(), ASK_DISCOVERY);
        closing(directory::close);
        EntryPublisher publisher = new EntryPublisher(
                directory,
                keys,
                () -> new EntryContent.OfServer(config.address().toString(), relay.availableSessions()),
                RENEW,
                clock,
                random);
        publisher.start();
        closing(() -> publisher
                .withdraw()
                .ifPresent(reason -> log.warn("the entry stays in the messaging discovery: {}", reason)));
        return Optional.of(publisher);
    }

    private void drain(Duration within) throws InterruptedException {
        int left = relay.drain(within);
        if (left > 0) {
            log.warn("{} clients have not moved within {} s", left, within.toSeconds());
        }
    }

    /// One line that says who it is and where it listens.
    public String readyLine() {
        StringBuilder line = new StringBuilder("ready relay=").append(key.hex()).append(" listen=");
        append(line, listening);
        metrics.ifPresent(address -> append(line.append(" metrics="), address));
        return line.toString();
    }

    private static void append(StringBuilder line, InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        line.append(host.contains(":") ? "[" + host + "]" : host).append(':').append(address.getPort());
    }

    private void closing(Closing step) {
        closings.push(step);
    }

    /// One step of closing; each has its own deadline.
    private interface Closing {
        void run() throws InterruptedException;
    }

    /// Drains and ends the server. A second call does nothing.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closeAll();
        }
    }

    private void closeAll() {
        while (!closings.isEmpty()) {
            try {
                closings.pop().run();
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException stubborn) {
                log.warn("a part of the messaging server did not close", stubborn);
            }
        }
    }

    private record Numbers(Relay relay, Optional<EntryPublisher> publisher, LoopUsage usage) implements RelayReadings {
        private RelayCounters counters() {
            return relay.counters();
        }

        @Override
        public long sessions() {
            return relay.sessions();
        }

        @Override
        public long capacity() {
            return relay.capacity();
        }

        @Override
        public long handshakes() {
            return relay.pendingHandshakes();
        }

        @Override
        public long opened() {
            return counters().opened();
        }

        @Override
        public long letters() {
            return counters().letters();
        }

        @Override
        public long bytes() {
            return counters().bytes();
        }

        @Override
        public NodeReadings.ByLabel<?> dropped() {
            return new NodeReadings.ByLabel<>(DropReason.class, counters()::dropped);
        }

        @Override
        public NodeReadings.ByLabel<?> refused() {
            return new NodeReadings.ByLabel<>(Refusal.class, counters()::refused);
        }

        @Override
        public NodeReadings.ByLabel<?> ended() {
            return new NodeReadings.ByLabel<>(EndReason.class, counters()::ended);
        }

        @Override
        public long waiting() {
            return relay.waitingBytes();
        }

        @Override
        public long loops() {
            return usage.loops();
        }

        @Override
        public Duration loopCpuTime() {
            return usage.cpuTime();
        }

        @Override
        public long directMemory() {
            return PlatformDependent.usedDirectMemory();
        }

        @Override
        public boolean isRegistered() {
            return publisher
                    .map(entry ->
                            entry.published().isPresent() && entry.failure().isEmpty())
                    .orElse(false);
        }
    }
}
