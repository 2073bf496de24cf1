package io.skywire.node.messaging;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.skywire.node.letters.HandshakeChannel;
import io.skywire.node.letters.HandshakeFailure;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The attempts at sessions that are under way: a race to connect, then the handshake with the winner, until the
/// server's welcome. On the mailbox's loop only.
final class Openings {
    private final EventLoop loop;
    private final KeyPair self;
    private final MailboxSettings settings;
    private final RandomGenerator random;
    private final Keeper keeper;
    private final List<Opening> open = new ArrayList<>();

    /// What becomes of an attempt.
    interface Keeper {
        /// The handshake is done; the session waits for its welcome.
        ServerSession begun(ServerAddress server, Channel channel, LinkSession proven, MailboxStatus.Kind kind);

        /// One server of an attempt did not work; others of it may.
        void failed(ServerAddress server, SessionEnd why, String detail);

        /// An attempt has led to nothing.
        void vain();
    }

    /// One attempt.
    final class Opening implements Race.Finish {
        private final MailboxStatus.Kind kind;
        private final Set<PublicKey> servers = new HashSet<>();
        private final Race race = new Race(loop, settings.dialDeadline(), this);
        private @Nullable Channel channel;

        private Opening(MailboxStatus.Kind kind) {
            this.kind = kind;
        }

        @Override
        public void won(ServerAddress server, Channel connected) {
            channel = connected;
            servers.removeIf(other -> !other.equals(server.key()));
            LinkHandshake handshake = LinkHandshake.dialling(
                    LinkHandshake.Purpose.MESSAGING,
                    self,
                    server.key(),
                    settings.offer(),
                    settings.maxPayload(),
                    () -> KeyPair.generate(random));
            connected
                    .pipeline()
                    .addLast(new HandshakeChannel(
                            handshake,
                            HandshakeChannel.Side.DIALLING,
                            settings.dialDeadline(),
                            Runnable::run,
                            new HandshakeChannel.Outcome() {
                                @Override
                                public void done(ChannelHandlerContext ctx, LinkSession proven) {
                                    shaken(server, ctx, proven);
                                }

                                @Override
                                public void failed(HandshakeFailure failure, String detail) {
                                    over(server, why(failure), detail);
                                }
                            }));
        }

        private void shaken(ServerAddress server, ChannelHandlerContext ctx, LinkSession proven) {
            open.remove(this);
            ServerSession session = keeper.begun(server, ctx.channel(), proven, kind);
            ctx.pipeline().replace(ctx.handler(), null, session);
            loop.schedule(
                    () -> {
                        if (session.state() == MailboxStatus.State.OPENING) {
                            session.end(SessionEnd.HANDSHAKE_FAILED, "no welcome in time");
                        }
                    },
                    settings.dialDeadline().toNanos(),
                    TimeUnit.NANOSECONDS);
        }

        @Override
        public void lost(ServerAddress server, String reason) {
            servers.remove(server.key());
            keeper.failed(server, SessionEnd.UNREACHABLE, reason);
        }

        @Override
        public void nobody() {
            open.remove(this);
            keeper.vain();
        }

        private void over(ServerAddress server, SessionEnd why, String detail) {
            open.remove(this);
            keeper.failed(server, why, detail);
            keeper.vain();
        }

        private void cancel() {
            race.cancel();
            Channel connected = channel;
            if (connected != null) {
                connected.close();
            }
        }
    }

    Openings(EventLoop loop, KeyPair self, MailboxSettings settings, RandomGenerator random, Keeper keeper) {
        this.loop = loop;
        this.self = self;
        this.settings = settings;
        this.random = random;
        this.keeper = keeper;
    }

    /// Tries these, at least one, at once.
    void open(List<ServerAddress> servers, MailboxStatus.Kind kind) {
        Opening opening = new Opening(kind);
        servers.forEach(server -> opening.servers.add(server.key()));
        open.add(opening);
        opening.race.run(servers, random);
    }

    /// Attempts of that kind.
    int count(MailboxStatus.Kind kind) {
        return (int) open.stream().filter(opening -> opening.kind == kind).count();
    }

    /// All servers that are being tried.
    Set<PublicKey> servers() {
        Set<PublicKey> servers = new HashSet<>();
        open.forEach(opening -> servers.addAll(opening.servers));
        return servers;
    }

    void cancel() {
        List.copyOf(open).forEach(Opening::cancel);
        open.clear();
    }

    private static SessionEnd why(HandshakeFailure failure) {
        return switch (failure) {
            case TIMEOUT, REFUSED, BUSY -> SessionEnd.HANDSHAKE_FAILED;
            case WRONG_KEY -> SessionEnd.WRONG_KEY;
        };
    }
}
