package io.skywire.node.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.skywire.node.session.InMemoryRoutes;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.SessionSettings;
import io.skywire.shared.key.KeyPair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// Real programs' sockets through the doors of one node to published ports of another, over real QUIC.
final class DoorsTest {
    private static final int PATIENCE_MILLIS = 30_000;

    private final EventLoopGroup loops = ApplicationLoops.create(2);
    private final InMemoryRoutes routes = new InMemoryRoutes(3);
    private final KeyPair aliceKeys = KeyPair.generate(new Random(21));
    private final KeyPair bobKeys = KeyPair.generate(new Random(22));
    private final Publications published = new Publications(loops);
    private final PeerSessions alice = join(aliceKeys, new Publications(loops));
    private final PeerSessions bob = join(bobKeys, published);
    private final AddressBook book = new AddressBook(Map.of("bob", bobKeys.publicKey()));
    private final ConcurrentLinkedQueue<AutoCloseable> resources = new ConcurrentLinkedQueue<>();
    private Socks5Door socks;
    private ConnectDoor connect;

    private PeerSessions join(KeyPair keys, Publications publications) {
        PeerSessions sessions = new PeerSessions(
                keys,
                loops,
                routes.requestsOf(keys.publicKey()),
                publications,
                SessionSettings.DEFAULTS,
                InstantSource.system(),
                new SecureRandom());
        routes.join(keys.publicKey(), sessions);
        return sessions;
    }

    @BeforeEach
    void open() {
        socks = get(Socks5Door.open(loops, loopback(0), alice::openStream, alice::openFlow, book));
        connect = get(ConnectDoor.open(loops, loopback(0), alice::openStream, book));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        socks.close();
        connect.close();
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

    /// A server that serves each connection on a thread of its own.
    private InetSocketAddress serve(Service service) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        resources.add(server);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket guest = server.accept();
                    guest.setSoTimeout(PATIENCE_MILLIS);
                    resources.add(guest);
                    Thread.ofVirtual().start(() -> {
                        try {
                            service.serve(guest);
                        } catch (IOException broken) {
                            System.out.println("service: " + broken);
                        }
                    });
                } catch (IOException ended) {
                    return;
                }
            }
        });
        return loopback(server.getLocalPort());
    }

    private interface Service {
        void serve(Socket guest) throws IOException;
    }

    private static void echo(Socket guest) throws IOException {
        guest.getInputStream().transferTo(guest.getOutputStream());
        guest.shutdownOutput();
    }

    private void publish(int port, InetSocketAddress target) {
        assertThat(published.publish(new Publication(port, target, new Publication.Audience.Everyone())))
                .isInstanceOf(Publications.Outcome.Published.class);
    }

    private Socket throughSocks(String host, int port) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, socks.address()));
        resources.add(socket);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(InetSocketAddress.createUnresolved(host, port), PATIENCE_MILLIS);
        return socket;
    }

    private Socket raw(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        resources.add(socket);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /// Writes the bytes, reads until the door closes.
    private byte[] exchange(InetSocketAddress door, byte[] request) throws IOException {
        Socket socket = raw(door);
        socket.getOutputStream().write(request);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(answer);
        } catch (SocketException reset) {
            // The door does not read on once it has refused.
        }
        return answer.toByteArray();
    }

    @Test
    void carriesAFileThroughSocksByEveryKindOfName() throws IOException {
        byte[] file = new byte[5 << 20];
        new Random(1).nextBytes(file);
        publish(80, serve(guest -> {
            guest.getInputStream().read();
            guest.getOutputStream().write(file);
            guest.close();
        }));
        for (String name : new String[] {
            "bob", bobKeys.publicKey().base32(), bobKeys.publicKey().hex()
        }) {
            Socket socket = throughSocks(name + ".sky", 80);
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().readAllBytes()).as(name).isEqualTo(file);
        }
        assertThat(alice.sessions()).hasSize(1);
    }

    @RepeatedTest(5)
    void halfCloseReachesTheOtherSideBehindTheLastByte() throws Exception {
        publish(7, serve(DoorsTest::echo));
        byte[] sent = new byte[3 << 20];
        new Random(2).nextBytes(sent);
        Socket socket = throughSocks("bob.sky", 7);

        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                socket.getOutputStream().write(sent);
                socket.shutdownOutput();
            } catch (IOException broken) {
                System.out.println("writer: " + broken);
            }
        });

        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(sent);
        writer.join(Duration.ofMillis(PATIENCE_MILLIS));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> alice.sessions().getFirst().streams() == 0
                        && bob.sessions().getFirst().streams() == 0);
    }

    @Test
    void anEndWaitsBehindTheBytesThatTheTargetHasNotReadYet() throws Exception {
        byte[] sent = new byte[512 << 10]; // fits into what lies between the two
        new Random(3).nextBytes(sent);
        CountDownLatch ended = new CountDownLatch(1);
        publish(7, serve(guest -> {
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            got.write(guest.getInputStream().read());
            try {
                assertThat(ended.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            } catch (InterruptedException ending) {
                throw new IOException(ending);
            }
            guest.getInputStream().transferTo(got);
            guest.getOutputStream().write(got.toByteArray()); // this direction goes on
            guest.close();
        }));
        Socket socket = throughSocks("bob.sky", 7);

        socket.getOutputStream().write(sent);
        socket.shutdownOutput();
        ended.countDown();

        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(sent);
    }

    @Test
    void aTargetThatDoesNotReadHoldsTheProgramBack() throws Exception {
        long whole = 96L << 20;
        CountDownLatch mayRead = new CountDownLatch(1);
        CompletableFuture<Long> read = new CompletableFuture<>();
        publish(9, serve(guest -> {
            try {
                assertThat(mayRead.await(4 * PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            } catch (InterruptedException ending) {
                throw new IOException(ending);
            }
            read.complete(guest.getInputStream().transferTo(OutputStream.nullOutputStream()));
        }));
        Socket socket = throughSocks("bob.sky", 9);
        AtomicLong written = new AtomicLong();
        Thread.ofVirtual().start(() -> {
            try {
                byte[] chunk = new byte[64 << 10];
                while (written.get() < whole) {
                    socket.getOutputStream().write(chunk);
                    written.addAndGet(chunk.length);
                }
                socket.shutdownOutput();
            } catch (IOException broken) {
                read.completeExceptionally(broken);
            }
        });
        long[] before = {-1};

        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    boolean still = written.get() > 0 && written.get() == before[0];
                    before[0] = written.get();
                    return still;
                });

        // Socket buffers, the stream's window, the bridges: bounded, and far below what the program wants to send.
        assertThat(written.get()).isLessThan(64L << 20);
        mayRead.countDown();
        assertThat(read.get(4 * PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo(whole);
    }

    @Test
    void aResetOfTheTargetArrivesAsAReset() throws IOException {
        publish(80, serve(guest -> {
            guest.getInputStream().read();
            guest.setSoLinger(true, 0);
            guest.close();
        }));
        Socket socket = throughSocks("bob.sky", 80);
        socket.getOutputStream().write(1);

        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void aResetBehindTheTargetsEndStillReachesTheProgram() throws IOException {
        publish(80, serve(guest -> {
            guest.shutdownOutput();
            guest.getInputStream().read();
            guest.setSoLinger(true, 0);
            guest.close();
        }));
        Socket socket = throughSocks("bob.sky", 80);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);

        await().atMost(Duration.ofSeconds(30)).until(() -> refusesAByte(socket));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> alice.sessions().getFirst().streams() == 0
                        && bob.sessions().getFirst().streams() == 0);
    }

    private static boolean refusesAByte(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write(1);
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void anAbortOfTheProgramReachesTheTarget() throws IOException {
        ConcurrentLinkedQueue<Exception> atTarget = new ConcurrentLinkedQueue<>();
        publish(80, serve(guest -> {
            try {
                while (guest.getInputStream().read() >= 0) {}
                atTarget.add(new IllegalStateException("a clean end"));
            } catch (SocketException reset) {
                atTarget.add(reset);
            }
        }));
        Socket socket = throughSocks("bob.sky", 80);
        socket.getOutputStream().write(1);
        socket.setSoLinger(true, 0);
        socket.close();

        await().atMost(Duration.ofSeconds(30)).until(() -> !atTarget.isEmpty());
        assertThat(atTarget.peek()).isInstanceOf(SocketException.class);
    }

    @Test
    void aSessionThatEndsResetsItsConnections() throws IOException {
        publish(80, serve(guest -> guest.getInputStream().read()));
        Socket socket = throughSocks("bob.sky", 80);

        alice.hangUp(bobKeys.publicKey());

        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void aProgramThatDoesNotReadHoldsTheServerBack() throws IOException {
        long[] written = new long[1];
        publish(80, serve(guest -> {
            byte[] chunk = new byte[64 << 10];
            for (int i = 0; i < 2048; i++) {
                guest.getOutputStream().write(chunk);
                written[0] += chunk.length;
            }
            guest.close();
        }));
        Socket socket = throughSocks("bob.sky", 80);
        long[] before = {-1};

        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    boolean still = written[0] > 0 && written[0] == before[0];
                    before[0] = written[0];
                    return still;
                });

        // Socket buffers, the stream's window, the bridges: bounded, and far below what the server wants to send.
        assertThat(written[0]).isLessThan(64L << 20);
        long read = 0;
        byte[] chunk = new byte[64 << 10];
        InputStream in = socket.getInputStream();
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            read += n;
        }
        assertThat(read).isEqualTo(128L << 20);
    }

    @Test
    void socksRefusalsCarryTheirCodes() throws IOException {
        published.publish(new Publication(22, serve(DoorsTest::echo), new Publication.Audience.Only(Set.of())));
        published.publish(new Publication(25, loopback(closedPort()), new Publication.Audience.Everyone()));
        String nobody = KeyPair.generate(new Random(9)).publicKey().base32();

        assertThat(socksReply("bob.sky", 81)).as("not published").isEqualTo(5);
        assertThat(socksReply("bob.sky", 25)).as("target refused").isEqualTo(5);
        assertThat(socksReply("bob.sky", 22)).as("not allowed").isEqualTo(2);
        assertThat(socksReply("example.com", 80)).as("foreign name").isEqualTo(2);
        assertThat(socksReply("nobody.sky", 80)).as("unknown alias").isEqualTo(4);
        assertThat(socksReply(nobody + ".sky", 80)).as("unknown node").isEqualTo(4);
        assertThat(socksReply("bob.sky", 0)).as("port 0").isEqualTo(2);
    }

    private static int closedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private int socksReply(String host, int port) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {5, 1, 0, 5, 1, 0, 3, (byte) host.length()});
        request.writeBytes(host.getBytes(US_ASCII));
        request.write(port >> 8);
        request.write(port);
        byte[] answer = exchange(socks.address(), request.toByteArray());
        assertThat(answer).startsWith(5, 0, 5);
        return answer[3];
    }

    @Test
    void malformedSocksIsRefusedAndClosed() throws IOException {
        assertThat(exchange(socks.address(), new byte[] {4, 1, 0, 80, 127, 0, 0, 1, 0}))
                .as("SOCKS4")
                .isEmpty();
        assertThat(exchange(socks.address(), "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII)))
                .as("HTTP")
                .isEmpty();
        assertThat(exchange(socks.address(), new byte[] {5, 1, 2}))
                .as("no method in common")
                .containsExactly(5, 0xff);
        assertThat(exchange(socks.address(), new byte[] {5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80}))
                .as("BIND")
                .startsWith(5, 0, 5, 7);
        assertThat(exchange(socks.address(), new byte[] {5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 80}))
                .as("a plain address")
                .startsWith(5, 0, 5, 2);
        assertThat(exchange(socks.address(), new byte[] {5, 1, 0, 6, 1, 0, 1, 127, 0, 0, 1, 0, 80}))
                .as("version changes")
                .startsWith(5, 0, 5, 1);
        Random random = new Random(5);
        for (int i = 0; i < 100; i++) {
            byte[] garbage = new byte[600];
            random.nextBytes(garbage);
            Socket socket = raw(socks.address());
            socket.getOutputStream().write(garbage);
            socket.close();
        }
        publish(7, serve(DoorsTest::echo));
        throughSocks("bob.sky", 7).close();
    }

    @Test
    void bytesThatFollowTheSocksRequestAtOnceAreNotLost() throws IOException {
        publish(7, serve(DoorsTest::echo));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {5, 1, 0, 5, 1, 0, 3, 7});
        request.writeBytes("bob.sky".getBytes(US_ASCII));
        request.writeBytes(new byte[] {0, 7});
        request.writeBytes("hello".getBytes(US_ASCII));
        Socket socket = raw(socks.address());
        socket.getOutputStream().write(request.toByteArray());
        socket.shutdownOutput();

        byte[] answer = socket.getInputStream().readAllBytes();

        assertThat(new String(answer, 12, answer.length - 12, US_ASCII)).isEqualTo("hello");
    }

    @Test
    void connectCarriesAnHttpClientsRequest() throws Exception {
        publish(80, serve(guest -> {
            byte[] head = new byte[4096];
            int read = guest.getInputStream().read(head);
            String line = new String(head, 0, Math.max(read, 0), US_ASCII)
                    .lines()
                    .findFirst()
                    .orElse("");
            guest.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Length: " + line.length() + "\r\n\r\n" + line)
                            .getBytes(US_ASCII));
        }));
        Socket socket = raw(connect.address());
        socket.getOutputStream()
                .write("CONNECT bob.sky:80 HTTP/1.1\r\nHost: bob.sky:80\r\n\r\nGET /file HTTP/1.1\r\n\r\n"
                        .getBytes(US_ASCII));
        socket.shutdownOutput();

        String answer = new String(readSome(socket, "GET /file HTTP/1.1\n"), US_ASCII);

        assertThat(answer).startsWith("HTTP/1.1 200 Connection Established\r\n\r\nHTTP/1.1 200 OK\r\n");
        assertThat(answer).endsWith("GET /file HTTP/1.1");
    }

    private static byte[] readSome(Socket socket, String until) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[4096];
        String wanted = until.strip();
        while (!all.toString(US_ASCII).endsWith(wanted)) {
            int read = socket.getInputStream().read(chunk);
            if (read < 0) {
                break;
            }
            all.write(chunk, 0, read);
        }
        return all.toByteArray();
    }

    @Test
    void connectRefusalsNameTheReasonInOneLine() throws IOException {
        published.publish(new Publication(22, serve(DoorsTest::echo), new Publication.Audience.Only(Set.of())));
        String nobody = KeyPair.generate(new Random(9)).publicKey().base32();

        assertThat(http("CONNECT " + nobody + ".sky:80 HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains("no such node");
        assertThat(http("CONNECT bob.sky:81 HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 502 ")
                .endsWith("nothing is published on that port\n");
        assertThat(http("CONNECT bob.sky:22 HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 403 ");
        assertThat(http("CONNECT example.com:443 HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ")
                .contains(".sky");
        assertThat(http("GET http://bob.sky/ HTTP/1.1\r\nHost: bob.sky\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: CONNECT");
    }

    @Test
    void malformedHttpIsABadRequest() throws IOException {
        assertThat(http("CONNECT bob.sky HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(http("CONNECT bob.sky:99999999 HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(http("CONNECT user@bob.sky:80 HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(http("CONNECT bob.sky:80 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(http("CONNECT bob.sky:80 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(http("\u0001\u0002\u0003\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(http("CONNECT " + "a".repeat(5000) + ".sky:80 HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(http("CONNECT bob.sky:80 HTTP/1.1\r\nX: " + "a".repeat(40_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
    }

    private String http(String request) throws IOException {
        return new String(exchange(connect.address(), request.getBytes(US_ASCII)), US_ASCII);
    }

    @Test
    void aForwardLeadsALocalPortToARemoteOne() throws IOException {
        publish(7, serve(DoorsTest::echo));
        Forwards forwards = new Forwards(loops, alice::openStream);
        Forwards.Forward forward = get(forwards.open(new Forwards.Forward(loopback(0), bobKeys.publicKey(), 7)));

        Socket socket = raw(forward.local());
        socket.getOutputStream().write("hello".getBytes(US_ASCII));
        socket.shutdownOutput();

        assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII)).isEqualTo("hello");
        assertThat(forwards.list()).containsExactly(forward);
        assertThat(forwards.close(forward.local().getPort())).isTrue();
        assertThat(forwards.list()).isEmpty();
        await().atMost(Duration.ofSeconds(30)).until(() -> refuses(forward.local()));
    }

    private static boolean refuses(InetSocketAddress address) {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    @Test
    void aTakenPortIsNamed() {
        assertThatThrownBy(
                        () -> get(Socks5Door.open(loops, connect.address(), alice::openStream, alice::openFlow, book)))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(DoorException.class)
                .hasMessageContaining("127.0.0.1:" + connect.address().getPort())
                .hasMessageContaining("in use");
    }

    @Test
    void aPortIsPublishedOnce() {
        Publication first = new Publication(80, loopback(8080), new Publication.Audience.Everyone());
        Publication other = new Publication(80, loopback(8081), new Publication.Audience.Everyone());

        assertThat(published.publish(first)).isEqualTo(new Publications.Outcome.Published(first));
        assertThat(published.publish(first)).isEqualTo(new Publications.Outcome.Published(first));
        assertThat(published.publish(other)).isEqualTo(new Publications.Outcome.Taken(first));
        assertThat(published.list()).containsExactly(first);
        assertThat(published.unpublish(80, Publication.Protocol.TCP)).isTrue();
        assertThat(published.unpublish(80, Publication.Protocol.TCP)).isFalse();
        assertThat(published.list()).isEmpty();
    }

    @Test
    void socketsOfApplicationsNeverLiveOnEpoll() {
        EventLoopGroup local = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            assertThatThrownBy(() -> new Publications(local))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NIO");
        } finally {
            local.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
