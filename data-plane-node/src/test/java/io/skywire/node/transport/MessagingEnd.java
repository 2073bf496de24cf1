package io.skywire.node.transport;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.messaging.Mailbox;
import io.skywire.node.messaging.MailboxSettings;
import io.skywire.node.messaging.TestNetwork;
import io.skywire.shared.key.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One node's links through the messaging servers of a [TestNetwork].
final class MessagingEnd implements TransportContract.End {
    /// Slow to call a neighbour silent: the machine that runs the tests may be busy.
    static final MessagingLinkSettings SETTINGS = MessagingLinkSettings.defaults(TestNetwork.OFFER)
            .withHandshakes(Duration.ofSeconds(20), 256, 64)
            .withHeartbeat(Duration.ofMillis(50), Duration.ofSeconds(30));

    final Mailbox mailbox;
    final MessagingTransports transports;
    private final KeyPair keys;
    private final Heard heard = new Heard();
    private final EventLoopGroup loops = EventLoops.open("test-mailbox", 1);
    private boolean closed;

    MessagingEnd(TestNetwork network, KeyPair keys, MailboxSettings mail, MessagingLinkSettings settings) {
        this.keys = keys;
        mailbox = Mailbox.of(
                keys,
                mail,
                loops.next(),
                network.directory,
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom());
        transports = new MessagingTransports(
                keys, settings, mailbox, loops.next(), heard, heard, InstantSource.system(), new SecureRandom());
        mailbox.start();
    }

    @Override
    public KeyPair keys() {
        return keys;
    }

    @Override
    public Heard heard() {
        return heard;
    }

    @Override
    public List<Transport> live() {
        return transports.live();
    }

    @Override
    public List<DialState> dials() {
        return transports.dials();
    }

    @Override
    public void keep(TransportContract.End other) {
        transports.keep(other.keys().publicKey());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            transports.close(Duration.ofSeconds(5));
            mailbox.close();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
        }
    }
}
