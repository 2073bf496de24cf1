package io.skywire.node.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.directory.DirectoryClient;
import io.skywire.node.directory.EntryContent;
import io.skywire.node.directory.EntryPublisher;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.node.letters.ReturnReason;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.relay.Relay;
import io.skywire.node.relay.RelaySettings;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.LinkCipher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;

/// A discovery, messaging servers and mailboxes on loopback. Slow to call anybody silent: the machine that runs the
/// tests may be busy.
public final class TestNetwork implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(40);
    public static final CipherOffer OFFER = CipherOffer.preferring(LinkCipher.AES_256_GCM);
    public static final MailboxSettings SETTINGS = MailboxSettings.defaults(OFFER)
            .withTicks(Duration.ofMillis(100), 300, Duration.ofSeconds(20))
            .withDiscovery(Duration.ofMillis(500), Duration.ofMillis(200))
            .withSettling(Duration.ofMillis(200));
    public static final RelaySettings RELAY = RelaySettings.defaults(OFFER)
            .withPending(256, 256, Duration.ofSeconds(20))
            .withSessions(1_000, 1_000, 1_000)
            .withTicks(Duration.ofMillis(100), 300, 300, Duration.ofMillis(500));

    public final FakeDiscovery discovery;
    public final DirectoryClient directory;
    private final EventLoopGroup loops = EventLoops.open("test-messaging", 2);
    private final Deque<AutoCloseable> closings = new ArrayDeque<>();

    public TestNetwork() throws IOException {
        discovery = new FakeDiscovery();
        directory = new DirectoryClient(discovery.uri(), Duration.ofSeconds(20));
    }

    /// Waits as long as a busy machine may need.
    public static ConditionFactory eventually() {
        return await().atMost(PATIENCE);
    }

    public Server server() throws IOException {
        return server(RELAY);
    }

    public Server server(RelaySettings settings) throws IOException {
        Server server = new Server(settings);
        closings.push(server);
        eventually().until(() -> discovery.entries.containsKey(server.key()));
        return server;
    }

    Box mailbox(int sessions) {
        return mailbox(KeyPair.generate(new SecureRandom()), SETTINGS.withSessions(sessions, 4, Duration.ofMinutes(1)));
    }

    Box mailbox(KeyPair keys, MailboxSettings settings) {
        Box box = new Box(keys, settings);
        closings.push(box);
        return box;
    }

    @Override
    public void close() throws Exception {
        while (!closings.isEmpty()) {
            closings.pop().close();
        }
        directory.close();
        discovery.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    /// A messaging server whose entry the discovery serves.
    public final class Server implements AutoCloseable {
        final KeyPair keys = KeyPair.generate(new SecureRandom());
        public final Relay relay;
        final InetSocketAddress address;
        public final EntryPublisher publisher;
        private final EventLoopGroup own = EventLoops.open("test-relay", 1);

        private Server(RelaySettings settings) throws IOException {
            relay = new Relay(keys, settings, own, InstantSource.system(), System::nanoTime, new SecureRandom());
            address = relay.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            publisher = new EntryPublisher(
                    directory,
                    keys,
                    () -> new EntryContent.OfServer("127.0.0.1:" + address.getPort(), relay.availableSessions()),
                    Duration.ofSeconds(30),
                    InstantSource.system(),
                    new SecureRandom());
            publisher.start();
        }

        public PublicKey key() {
            return keys.publicKey();
        }

        /// As a crash: nothing is said, the discovery goes on telling of it.
        public void crash() {
            publisher.close();
            relay.close(Duration.ofSeconds(5));
        }

        @Override
        public void close() {
            crash();
            own.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
        }
    }

    /// A mailbox, and all that it heard.
    final class Box implements AutoCloseable, Mailbox.Listener {
        final Mailbox mailbox;
        final List<String> letters = new CopyOnWriteArrayList<>();
        final List<String> events = new CopyOnWriteArrayList<>();
        final List<ReturnReason> returned = new CopyOnWriteArrayList<>();

        private Box(KeyPair keys, MailboxSettings settings) {
            mailbox = Mailbox.of(
                    keys,
                    settings,
                    loops.next(),
                    directory,
                    InstantSource.system(),
                    System::nanoTime,
                    new SecureRandom());
            mailbox.listen(this);
            mailbox.start();
        }

        PublicKey key() {
            return mailbox.self();
        }

        Box awaitSessions(int count) {
            eventually()
                    .untilAsserted(() -> assertThat(mailbox.servers())
                            .as("%s %s", events, mailbox.status())
                            .hasSize(count));
            return this;
        }

        void send(PublicKey to, PublicKey via, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            mailbox.send(to, via, bytes, 0, bytes.length);
            mailbox.flush(via);
        }

        @Override
        public void letter(PublicKey from, PublicKey via, byte[] payload, int offset, int length) {
            letters.add(from.shortHex() + " " + new String(payload, offset, length, StandardCharsets.UTF_8));
        }

        @Override
        public void endOfRead() {}

        @Override
        public void returned(PublicKey to, PublicKey via, ReturnReason reason) {
            returned.add(reason);
        }

        @Override
        public void serverUp(PublicKey server) {
            events.add("up " + server.shortHex());
        }

        @Override
        public void serverLeaving(PublicKey server) {
            events.add("leaving " + server.shortHex());
        }

        @Override
        public void serverDown(PublicKey server, String reason) {
            events.add("down " + server.shortHex());
        }

        @Override
        public void close() {
            mailbox.close();
        }
    }
}
