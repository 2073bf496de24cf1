package io.skywire.node;

import io.netty.channel.EventLoop;
import io.skywire.node.api.StatusView;
import io.skywire.node.config.NodeConfig;
import io.skywire.node.directory.DirectoryClient;
import io.skywire.node.messaging.Mailbox;
import io.skywire.node.messaging.MailboxSettings;
import io.skywire.node.messaging.MailboxStatus;
import io.skywire.node.transport.FasterCipher;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.MessagingLinkSettings;
import io.skywire.node.transport.MessagingTransports;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherOffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;

/// A node's sessions with messaging servers and its links through them.
record NodeMessaging(DirectoryClient directory, Mailbox mailbox, MessagingTransports transports) {
    private static final Duration ASK_DISCOVERY = Duration.ofSeconds(5);
    private static final int SESSIONS_FOR_PEERS = 8;
    private static final Duration PEERS_IDLE = Duration.ofSeconds(60);

    /// Not started: nobody is dialled yet.
    static NodeMessaging of(
            NodeConfig.Messaging config,
            KeyPair keys,
            EventLoop loop,
            Ingress.Factory ingresses,
            TransportListener listener,
            InstantSource clock,
            SecureRandom random) {
        CipherOffer offer = CipherOffer.preferring(FasterCipher.ofThisMachine());
        DirectoryClient directory = new DirectoryClient(config.discovery(), ASK_DISCOVERY);
        Mailbox mailbox = Mailbox.of(
                keys,
                MailboxSettings.defaults(offer).withSessions(config.servers(), SESSIONS_FOR_PEERS, PEERS_IDLE),
                loop,
                directory,
                clock,
                System::nanoTime,
                random);
        MessagingTransports transports = new MessagingTransports(
                keys, MessagingLinkSettings.defaults(offer), mailbox, loop, ingresses, listener, clock, random);
        return new NodeMessaging(directory, mailbox, transports);
    }

    StatusView.Messaging status() {
        MailboxStatus status = mailbox.status();
        return new StatusView.Messaging(
                status.sessions().stream()
                        .map(session -> new StatusView.Server(
                                session.server(),
                                session.address(),
                                state(session.state()),
                                session.since(),
                                session.roundTrip()))
                        .toList(),
                status.published(),
                status.observedAddress(),
                status.problems(),
                status.lettersIn(),
                status.lettersOut());
    }

    private static StatusView.ServerState state(MailboxStatus.State state) {
        return switch (state) {
            case OPENING -> StatusView.ServerState.OPENING;
            case UP -> StatusView.ServerState.UP;
            case LEAVING -> StatusView.ServerState.LEAVING;
        };
    }

    /// Neighbours hear of it first, then the servers and the discovery.
    void close(Duration deadline) {
        transports.close(deadline);
        mailbox.close();
        directory.close();
    }
}
