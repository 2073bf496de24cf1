package io.skywire.node.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.session.DatagramSettings;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.session.InMemoryRoutes;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.SessionSettings;
import io.skywire.shared.key.KeyPair;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real UDP sockets of programs through the SOCKS5 door of one node to UDP services that another one publishes, over
/// real QUIC datagrams.
@Timeout(120)
final class UdpTest {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int ECHO = 7;
    private static final Duration QUICK = Duration.ofMillis(400);

    private final EventLoopGroup loops = ApplicationLoops.create(2);
    private final InMemoryRoutes routes = new InMemoryRoutes(4);
    private final KeyPair aliceKeys = KeyPair.generate(new Random(31));
    private final KeyPair bobKeys = KeyPair.generate(new Random(32));
    private final Publications published = new Publications(loops);
    private final AddressBook book = new AddressBook(Map.of("bob", bobKeys.publicKey()));
    private final ConcurrentLinkedQueue<AutoCloseable> resources = new ConcurrentLinkedQueue<>();
    private final PeerSessions alice = join(aliceKeys, new Publications(loops), DatagramSettings.DEFAULTS);
    private PeerSessions bob = join(bobKeys, published, DatagramSettings.DEFAULTS);
    private Socks5Door door = open(UdpAssociation.Limits.DEFAULTS);

    private PeerSessions join(KeyPair keys, Publications publications, DatagramSettings limits) {
        PeerSessions sessions = new PeerSessions(
                keys,
                loops,
                routes.requestsOf(keys.publicKey()),
                publications,
                publications,
                SessionSettings.DEFAULTS.with(limits),
                InstantSource.system(),
                new SecureRandom());
        routes.join(keys.publicKey(), sessions);
        return sessions;
    }

    private Socks5Door open(UdpAssociation.Limits limits) {
        return get(Socks5Door.open(loops, loopback(0), alice::openStream, alice::openFlow, book, limits));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        door.close();
        get(alice.close(Duration.ofSeconds(2)));
        get(bob.close(Duration.ofSeconds(2)));
        routes.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
    }

    // --- a service and a program

    /// A published UDP service: answers each datagram, and keeps from which ports they came.
    private final class Service implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(loopback(0));
        private final Set<Integer> askers = new HashSet<>();

        Service(int port, Answer answer) throws IOException {
            resources.add(this);
            published.publish(new Publication(
                    port,
                    Publication.Protocol.UDP,
                    loopback(socket.getLocalPort()),
                    new Publication.Audience.Everyone()));
            Thread.ofVirtual().start(() -> {
                byte[] buffer = new byte[65_536];
                while (!socket.isClosed()) {
                    try {
                        DatagramPacket question = new DatagramPacket(buffer, buffer.length);
                        socket.receive(question);
                        synchronized (askers) {
                            askers.add(question.getPort());
                        }
                        byte[] bytes = answer.to(Arrays.copyOf(buffer, question.getLength()));
                        socket.send(new DatagramPacket(bytes, bytes.length, question.getSocketAddress()));
                    } catch (IOException ended) {
                        return;
                    }
                }
            });
        }

        int askers() {
            synchronized (askers) {
                return askers.size();
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private interface Answer {
        byte[] to(byte[] question);
    }

    /// A program with an association.
    private final class Program implements AutoCloseable {
        private final Socket control = new Socket();
        private final DatagramSocket socket;
        private final InetSocketAddress relay;

        /// @param says its own port in the request
        Program(boolean says) throws IOException {
            resources.add(this);
            control.connect(door.address());
            control.setSoTimeout(PATIENCE_MILLIS);
            socket = new DatagramSocket(loopback(0));
            socket.setSoTimeout(PATIENCE_MILLIS);
            control.getOutputStream().write(new byte[] {5, 1, 0});
            DataInputStream in = new DataInputStream(control.getInputStream());
            assertThat(in.readUnsignedShort()).isEqualTo(0x0500);
            ByteBuffer request = ByteBuffer.allocate(10).put(new byte[] {5, 3, 0, 1, 0, 0, 0, 0});
            control.getOutputStream()
                    .write(request.putShort((short) (says ? socket.getLocalPort() : 0))
                            .array());
            assertThat(in.readUnsignedByte()).isEqualTo(5);
            assertThat(in.readUnsignedByte()).isZero();
            assertThat(in.readUnsignedShort()).as("IPv4").isEqualTo(1);
            byte[] address = new byte[4];
            in.readFully(address);
            relay = new InetSocketAddress(InetAddress.getByAddress(address), in.readUnsignedShort());
        }

        Program() throws IOException {
            this(false);
        }

        void send(DatagramSocket from, int fragment, String name, int port, byte[] data) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new byte[] {0, 0, (byte) fragment, 3, (byte) name.length()});
            out.writeBytes(name.getBytes(US_ASCII));
            out.writeBytes(new byte[] {(byte) (port >> 8), (byte) port});
            out.writeBytes(data);
            sendRaw(from, out.toByteArray());
        }

        void sendRaw(DatagramSocket from, byte[] bytes) throws IOException {
            from.send(new DatagramPacket(bytes, bytes.length, relay));
        }

        void send(String name, int port, byte[] data) throws IOException {
            send(socket, 0, name, port, data);
        }

        /// The data of the next answer, which must say that it is from there.
        byte[] receive(String name, int port) throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
            socket.receive(packet);
            assertThat(packet.getSocketAddress()).isEqualTo(relay);
            ByteBuffer bytes = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
            assertThat(bytes.getInt()).as("RSV, FRAG, ATYP").isEqualTo(3);
            byte[] letters = new byte[bytes.get()];
            bytes.get(letters);
            assertThat(new String(letters, US_ASCII)).isEqualTo(name);
            assertThat(Short.toUnsignedInt(bytes.getShort())).isEqualTo(port);
            byte[] data = new byte[bytes.remaining()];
            bytes.get(data);
            return data;
        }

        /// The port that the next answer says it is from.
        int receiveAny() throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
            socket.receive(packet);
            ByteBuffer bytes = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
            return Short.toUnsignedInt(bytes.getShort(5 + bytes.get(4)));
        }

        byte[] ask(String name, int port, byte[] question) throws IOException {
            send(name, port, question);
            return receive(name, port);
        }

        @Override
        public void close() throws IOException {
            control.close();
            socket.close();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private long dropped(FlowDrop reason) {
        return door.datagramCounts().droppedSoFar(reason)
                + alice.datagramCounts().droppedSoFar(reason)
                + bob.datagramCounts().droppedSoFar(reason);
    }

    // --- what must hold

    @Test
    void anEchoAnswersThroughARouteEachDatagramWhole() throws IOException {
        Service service = new Service(ECHO, question -> question);
        Program program = new Program(true);

        for (int length : new int[] {1, 512, 1_400, 9_000, 15_900}) {
            assertThat(program.ask("bob.sky", ECHO, random(length))).isEqualTo(random(length));
        }

        assertThat(service.askers()).as("one flow, one socket").isEqualTo(1);
        assertThat(alice.datagramCounts().sentSoFar()).isEqualTo(5);
        assertThat(bob.datagramCounts().receivedSoFar()).isEqualTo(5);
    }

    @Test
    void aQuestionForANameServerFindsItsAnswerByItsId() throws IOException {
        // RFC 1035: id, flags, counts, one question; the answer has the same id and the bit QR.
        new Service(53, question -> {
            byte[] answer = question.clone();
            answer[2] |= (byte) 0x80;
            return answer;
        });
        Program program = new Program();
        byte[] question = {
            0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0, 1,
            0, 1
        };

        byte[] answer = program.ask(bobKeys.publicKey().base32() + ".SKY", 53, question);

        assertThat(Arrays.copyOf(answer, 2)).containsExactly(0x12, 0x34);
        assertThat(answer[2] & 0x80).isEqualTo(0x80);
        assertThat(Arrays.copyOfRange(answer, 12, answer.length))
                .isEqualTo(Arrays.copyOfRange(question, 12, question.length));
    }

    @Test
    void eachProgramAndEachPortHasAFlowOfItsOwn() throws IOException {
        Service one = new Service(ECHO, question -> question);
        new Service(9, question -> new byte[] {9});
        Program first = new Program();
        Program second = new Program();

        assertThat(first.ask("bob.sky", ECHO, random(10))).isEqualTo(random(10));
        assertThat(second.ask("bob.sky", ECHO, random(20))).isEqualTo(random(20));
        assertThat(first.ask("bob.sky", 9, random(30))).containsExactly(9);

        assertThat(one.askers()).isEqualTo(2);
    }

    @Test
    void aDatagramThatNoSessionCarriesIsDroppedAndCounted() throws IOException {
        new Service(ECHO, question -> question);
        Program program = new Program();
        assertThat(program.ask("bob.sky", ECHO, random(100))).isEqualTo(random(100));

        program.send("bob.sky", ECHO, random(16_000));

        soon().until(() -> dropped(FlowDrop.TOO_LARGE) == 1);
        assertThat(program.ask("bob.sky", ECHO, random(101))).isEqualTo(random(101));
    }

    @Test
    void anAnswerThatNoSessionCarriesIsDroppedAtTheFarEnd() throws IOException {
        new Service(ECHO, question -> random(30_000));
        Program program = new Program();

        program.send("bob.sky", ECHO, random(1));

        soon().until(() -> bob.datagramCounts().droppedSoFar(FlowDrop.TOO_LARGE) == 1);
    }

    @Test
    void theAssociationEndsWithItsConnection() throws IOException {
        Service service = new Service(ECHO, question -> question);
        Program program = new Program();
        assertThat(program.ask("bob.sky", ECHO, random(5))).isEqualTo(random(5));

        program.control.shutdownOutput();

        assertThat(program.control.getInputStream().read())
                .as("the door ends it too")
                .isEqualTo(-1);
        // Its port is free again: nobody reads there.
        soon().ignoreExceptions().until(() -> {
            try (DatagramSocket there = new DatagramSocket(program.relay)) {
                return there.isBound();
            }
        });
        assertThat(service.askers()).isEqualTo(1);
    }

    @Test
    void whoDidNotAskForTheAssociationCannotUseIt() throws IOException {
        Service service = new Service(ECHO, question -> question);
        Program program = new Program(true);
        try (DatagramSocket stranger = new DatagramSocket(loopback(0))) {
            program.send(stranger, 0, "bob.sky", ECHO, random(5));
            soon().until(() -> dropped(FlowDrop.FOREIGN_SOURCE) == 1);
        }
        assertThat(program.ask("bob.sky", ECHO, random(6))).isEqualTo(random(6));
        assertThat(service.askers()).isEqualTo(1);
    }

    @Test
    void theFirstSenderHasTheAssociationWhenTheRequestNamesNoPort() throws IOException {
        new Service(ECHO, question -> question);
        Program program = new Program(false);
        assertThat(program.ask("bob.sky", ECHO, random(6))).isEqualTo(random(6));

        try (DatagramSocket stranger = new DatagramSocket(loopback(0))) {
            program.send(stranger, 0, "bob.sky", ECHO, random(5));
            soon().until(() -> dropped(FlowDrop.FOREIGN_SOURCE) == 1);
        }
    }

    @Test
    void fragmentsAndPlainAddressesAndForeignNamesAndRubbishAreDroppedAndCounted() throws IOException {
        new Service(ECHO, question -> question);
        Program program = new Program();

        program.send(program.socket, 1, "bob.sky", ECHO, random(5));
        program.sendRaw(program.socket, new byte[] {0, 0, 0, 1, 127, 0, 0, 1, 0, 7, 1});
        program.send("example.org", 53, random(5));
        program.send("bob.sky", 0, random(5));
        program.send("nobody.sky", ECHO, random(5));
        program.sendRaw(program.socket, new byte[] {0, 0, 0});
        program.sendRaw(program.socket, new byte[] {0, 0, 0, 3, 40, 'b', 'o', 'b', 0, 7});
        program.sendRaw(program.socket, new byte[] {0, 0, 0, 2, 3, 'b', 'o', 'b', 0, 7});

        soon().untilAsserted(() -> {
            assertThat(dropped(FlowDrop.FRAGMENT)).isEqualTo(1);
            assertThat(dropped(FlowDrop.NOT_ALLOWED)).isEqualTo(3);
            assertThat(dropped(FlowDrop.UNREACHABLE)).isEqualTo(1);
            assertThat(dropped(FlowDrop.MALFORMED)).isEqualTo(3);
        });
        assertThat(program.ask("bob.sky", ECHO, random(6))).isEqualTo(random(6));
    }

    @Test
    void whatIsNotPublishedForUdpGetsNothing() throws IOException {
        try (DatagramSocket service = new DatagramSocket(loopback(0))) {
            service.setSoTimeout(PATIENCE_MILLIS);
            InetSocketAddress target = loopback(service.getLocalPort());
            published.publish(new Publication(70, target, new Publication.Audience.Everyone())); // TCP
            published.publish(
                    new Publication(71, Publication.Protocol.UDP, target, new Publication.Audience.Only(Set.of())));
            published.publish(new Publication(
                    72,
                    Publication.Protocol.UDP,
                    target,
                    new Publication.Audience.Only(Set.of(aliceKeys.publicKey()))));
            Program program = new Program();

            program.send("bob.sky", 70, random(70));
            program.send("bob.sky", 71, random(71));
            program.send("bob.sky", 73, random(73));

            soon().until(() -> dropped(FlowDrop.NOT_PUBLISHED) == 3);
            program.send("bob.sky", 72, random(72));
            DatagramPacket got = new DatagramPacket(new byte[100], 100);
            service.receive(got);
            assertThat(got.getLength()).isEqualTo(72);
        }
    }

    @Test
    void aProgramHasOnlySoManyFlowsAtOnceAndQuietOnesMakeRoom() throws IOException {
        door.close();
        door = open(new UdpAssociation.Limits(2, QUICK, 16));
        for (int port = 1; port <= 3; port++) {
            new Service(port, question -> question);
        }
        Program program = new Program();
        assertThat(program.ask("bob.sky", 1, random(1))).isEqualTo(random(1));
        assertThat(program.ask("bob.sky", 2, random(2))).isEqualTo(random(2));

        soon().until(() -> {
            program.send("bob.sky", 1, random(1));
            program.send("bob.sky", 2, random(2));
            program.send("bob.sky", 3, random(3));
            return dropped(FlowDrop.TOO_MANY_FLOWS) > 0;
        });

        soon().until(() -> {
            program.socket.setSoTimeout(1_500);
            program.send("bob.sky", 3, random(3));
            try {
                while (program.receiveAny() != 3) {
                    // answers from before
                }
                return true;
            } catch (SocketTimeoutException notYet) {
                return false;
            }
        });
    }

    @Test
    void theFarEndForgetsAQuietFlowAndBeginsItAgain() throws IOException {
        get(bob.close(Duration.ofSeconds(2)));
        bob = join(bobKeys, published, new DatagramSettings(16, 16, QUICK, 1 << 20));
        Service service = new Service(ECHO, question -> question);
        Program program = new Program();
        assertThat(program.ask("bob.sky", ECHO, random(1))).isEqualTo(random(1));
        assertThat(published.connections()).isEqualTo(1);

        soon().until(() -> published.connections() == 0);

        assertThat(program.ask("bob.sky", ECHO, random(2))).isEqualTo(random(2));
        assertThat(service.askers()).isEqualTo(2);
    }

    @Test
    void aPeerHasOnlySoManyFlowsAtTheFarEnd() throws IOException {
        get(bob.close(Duration.ofSeconds(2)));
        bob = join(bobKeys, published, new DatagramSettings(16, 1, Duration.ofSeconds(60), 1 << 20));
        new Service(1, question -> question);
        new Service(2, question -> question);
        Program program = new Program();
        assertThat(program.ask("bob.sky", 1, random(1))).isEqualTo(random(1));

        program.send("bob.sky", 2, random(2));

        soon().until(() -> bob.datagramCounts().droppedSoFar(FlowDrop.TOO_MANY_FLOWS) == 1);
    }

    @Test
    void afterASessionEndedTheNextDatagramOpensAnother() throws IOException {
        new Service(ECHO, question -> question);
        Program program = new Program();
        assertThat(program.ask("bob.sky", ECHO, random(1))).isEqualTo(random(1));

        alice.hangUp(bobKeys.publicKey());
        soon().until(() -> alice.sessions().isEmpty() && published.connections() == 0);

        soon().until(() -> {
            program.socket.setSoTimeout(1_500);
            program.send("bob.sky", ECHO, random(2));
            try {
                return Arrays.equals(program.receive("bob.sky", ECHO), random(2));
            } catch (SocketTimeoutException lost) {
                return false;
            }
        });
    }

    @Test
    void aNodeThatCannotBeReachedCostsTheDatagramOnly() throws IOException {
        KeyPair nobody = KeyPair.generate(new Random(33));
        new Service(ECHO, question -> question);
        Program program = new Program();

        program.send(nobody.publicKey().base32() + ".sky", ECHO, random(1));

        soon().until(() -> dropped(FlowDrop.UNREACHABLE) == 1);
        assertThat(program.ask("bob.sky", ECHO, random(2))).isEqualTo(random(2));
    }

    @Test
    void anEmptyDatagramIsNotPassedOnAndCounted() throws IOException {
        Service service = new Service(ECHO, question -> question);
        Program program = new Program();

        program.send("bob.sky", ECHO, new byte[0]);

        soon().until(() -> published.datagramCounts().droppedSoFar(FlowDrop.EMPTY) == 1);
        assertThat(service.askers()).isZero();
    }

    @Test
    void aClosedServiceIsNoEndOfItsFlow() throws IOException {
        Service service = new Service(ECHO, question -> question);
        Program program = new Program();
        assertThat(program.ask("bob.sky", ECHO, random(1))).isEqualTo(random(1));
        InetSocketAddress target = loopback(service.socket.getLocalPort());
        service.close();

        program.send("bob.sky", ECHO, random(2)); // refused by the machine
        program.send("bob.sky", ECHO, random(3));

        DatagramSocket[] there = new DatagramSocket[1];
        soon().ignoreExceptions().until(() -> {
            there[0] = new DatagramSocket(target);
            return true;
        });
        try (DatagramSocket again = there[0]) {
            again.setSoTimeout(PATIENCE_MILLIS);
            program.send("bob.sky", ECHO, random(4));
            DatagramPacket got = new DatagramPacket(new byte[100], 100);
            do {
                again.receive(got);
            } while (got.getLength() != 4);
            assertThat(published.connections()).isEqualTo(1);
        }
    }

    @Test
    void tcpAndUdpHaveNumbersOfTheirOwn() {
        Publication tcp = new Publication(80, loopback(8080), new Publication.Audience.Everyone());
        Publication udp =
                new Publication(80, Publication.Protocol.UDP, loopback(8081), new Publication.Audience.Everyone());

        assertThat(published.publish(tcp)).isEqualTo(new Publications.Outcome.Published(tcp));
        assertThat(published.publish(udp)).isEqualTo(new Publications.Outcome.Published(udp));
        assertThat(published.list()).containsExactly(tcp, udp);
        assertThat(published.unpublish(80, Publication.Protocol.UDP)).isTrue();
        assertThat(published.list()).containsExactly(tcp);
        assertThatThrownBy(() -> new Publication(
                        0, Publication.Protocol.UDP, loopback(8081), new Publication.Audience.Everyone()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
