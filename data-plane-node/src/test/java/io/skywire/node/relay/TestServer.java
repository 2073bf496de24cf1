package io.skywire.node.relay;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.LinkCipher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/// A messaging server with event loops of its own.
final class TestServer implements AutoCloseable {
    /// Slow to call a client silent: the machine that runs the tests may be busy.
    static final RelaySettings SETTINGS = RelaySettings.defaults(CipherOffer.preferring(LinkCipher.AES_256_GCM))
            .withPending(256, 256, Duration.ofSeconds(20))
            .withTicks(Duration.ofMillis(100), 300, 300, Duration.ofMillis(500));

    final KeyPair keys = KeyPair.generate(new SecureRandom());
    final Relay relay;
    final InetSocketAddress address;
    private final EventLoopGroup loops;

    TestServer() throws IOException {
        this(SETTINGS, 2);
    }

    TestServer(RelaySettings settings, int threads) throws IOException {
        loops = EventLoops.open("test-relay", threads);
        relay = new Relay(keys, settings, loops, InstantSource.system(), System::nanoTime, new SecureRandom());
        address = relay.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    PublicKey key() {
        return keys.publicKey();
    }

    TestClient client() throws Exception {
        return TestClient.welcome(address, key());
    }

    /// A client that does not read, and whose kernel does not either.
    TestClient narrowClient() throws Exception {
        return TestClient.narrow(address, key());
    }

    @Override
    public void close() {
        relay.close(Duration.ofSeconds(5));
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
