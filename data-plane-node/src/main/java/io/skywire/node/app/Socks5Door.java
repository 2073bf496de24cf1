package io.skywire.node.app;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.Socks5AddressDecoder;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5ServerEncoder;
import io.netty.util.ReferenceCountUtil;
import io.skywire.node.session.DatagramCounts;
import io.skywire.node.session.FirstBytes;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A SOCKS5 proxy for local programs: CONNECT and UDP ASSOCIATE to `NAME.sky`, without authentication. Other names and
/// plain addresses are not allowed by its ruleset. Safe for any thread.
public final class Socks5Door {
    private static final Logger log = LoggerFactory.getLogger(Socks5Door.class);

    /// Netty's request holds every label to DNS's 63 letters; a hex key has 66.
    private static final Socks5AddressDecoder ADDRESSES = (type, in) -> {
        String address = Socks5AddressDecoder.DEFAULT.decodeAddress(type, in);
        return type.equals(Socks5AddressType.DOMAIN) ? AddressBook.withShortLabel(address) : address;
    };

    private final Door door;

    /// What a client's wishes are met with.
    private record Ways(
            StreamOpener streams,
            FlowOpener flows,
            AddressBook book,
            UdpAssociation.Limits limits,
            DatagramCounts counts) {}

    private final DatagramCounts counts;

    private Socks5Door(Door door, DatagramCounts counts) {
        this.door = door;
        this.counts = counts;
    }

    /// Listens at `address`. Completes exceptionally with [DoorException] if that cannot be.
    ///
    /// @param group NIO event loops, see [ApplicationLoops]
    public static CompletionStage<Socks5Door> open(
            EventLoopGroup group, InetSocketAddress address, StreamOpener streams, FlowOpener flows, AddressBook book) {
        return open(group, address, streams, flows, book, UdpAssociation.Limits.DEFAULTS);
    }

    static CompletionStage<Socks5Door> open(
            EventLoopGroup group,
            InetSocketAddress address,
            StreamOpener streams,
            FlowOpener flows,
            AddressBook book,
            UdpAssociation.Limits limits) {
        Ways ways = new Ways(streams, flows, book, limits, new DatagramCounts());
        return Door.open("SOCKS5", group, address, socket -> welcome(socket, ways))
                .thenApply(door -> new Socks5Door(door, ways.counts()));
    }

    /// The datagrams of clients that were thrown away before a session had them, or behind it.
    public DatagramCounts datagramCounts() {
        return counts;
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return door.address();
    }

    /// Stops listening; open connections go on.
    public void close() {
        door.close();
    }

    private static void welcome(SocketChannel socket, Ways ways) {
        socket.pipeline()
                .addLast(Socks5ServerEncoder.DEFAULT)
                .addLast(new Socks5InitialRequestDecoder())
                .addLast(new NegotiationHandler(socket, ways));
    }

    /// Greeting, request, reply; then it leaves.
    private static final class NegotiationHandler extends ChannelInboundHandlerAdapter {
        private final SocketChannel socket;
        private final Ways ways;
        private final Guest guest;
        private boolean asked;

        NegotiationHandler(SocketChannel socket, Ways ways) {
            this.socket = socket;
            this.ways = ways;
            this.guest = new Guest(socket);
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            guest.hurry();
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Socks5InitialRequest greeting) {
                greet(ctx, greeting);
            } else if (message instanceof Socks5CommandRequest request && !asked) {
                asked = true;
                ask(ctx, request);
            } else if (asked) {
                ctx.fireChannelRead(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (!asked) {
                ctx.read();
            }
        }

        private void greet(ChannelHandlerContext ctx, Socks5InitialRequest greeting) {
            if (greeting.decoderResult().isFailure()) {
                // Not SOCKS5: there is no reply that it would understand.
                ctx.close();
            } else if (!greeting.authMethods().contains(Socks5AuthMethod.NO_AUTH)) {
                ctx.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.UNACCEPTED))
                        .addListener(ChannelFutureListener.CLOSE);
            } else {
                ctx.pipeline()
                        .replace(
                                Socks5InitialRequestDecoder.class,
                                "request",
                                new Socks5CommandRequestDecoder(ADDRESSES));
                ctx.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.NO_AUTH));
            }
        }

        private void ask(ChannelHandlerContext ctx, Socks5CommandRequest request) {
            guest.hasAsked();
            // From here on bytes are the program's own; they wait until there is a stream.
            ctx.pipeline().addLast(FirstBytes.hold());
            ctx.pipeline().remove(Socks5CommandRequestDecoder.class);
            if (request.decoderResult().isFailure()) {
                reply(Socks5CommandStatus.FAILURE);
            } else if (request.type().equals(Socks5CommandType.UDP_ASSOCIATE)) {
                associate(request.dstPort());
            } else if (!request.type().equals(Socks5CommandType.CONNECT)) {
                reply(Socks5CommandStatus.COMMAND_UNSUPPORTED);
            } else if (!request.dstAddrType().equals(Socks5AddressType.DOMAIN)) {
                reply(Socks5CommandStatus.FORBIDDEN);
            } else {
                guest.reach(
                        ways.streams(), ways.book(), request.dstAddr(), request.dstPort(), this::opened, refusal -> {
                            log.debug("SOCKS5 to {}: {}", AddressBook.printable(request.dstAddr()), refusal.detail());
                            reply(status(refusal.kind()));
                        });
            }
        }

        private void opened(QuicStreamChannel stream) {
            socket.writeAndFlush(success());
            socket.pipeline().remove(Socks5ServerEncoder.DEFAULT);
            socket.pipeline().remove(this);
            StreamBridge.join(socket, stream);
        }

        /// The connection stays open and says nothing more; the association ends with it.
        private void associate(int clientPort) {
            UdpAssociation association =
                    new UdpAssociation(socket, clientPort, ways.flows(), ways.book(), ways.limits(), ways.counts());
            association.open().addListener((ChannelFuture bound) -> {
                if (!bound.isSuccess() || !(bound.channel().localAddress() instanceof InetSocketAddress here)) {
                    log.warn("no socket for SOCKS5 UDP ASSOCIATE: {}", String.valueOf(bound.cause()));
                    reply(Socks5CommandStatus.FAILURE);
                    return;
                }
                Socks5AddressType type =
                        here.getAddress() instanceof Inet6Address ? Socks5AddressType.IPv6 : Socks5AddressType.IPv4;
                socket.writeAndFlush(new DefaultSocks5CommandResponse(
                        Socks5CommandStatus.SUCCESS, type, here.getAddress().getHostAddress(), here.getPort()));
                socket.pipeline().addLast(new UntilItsEnd());
                socket.pipeline().remove(this);
                socket.read();
            });
        }

        private void reply(Socks5CommandStatus status) {
            socket.writeAndFlush(response(status)).addListener(ChannelFutureListener.CLOSE);
        }

        private static DefaultSocks5CommandResponse success() {
            return response(Socks5CommandStatus.SUCCESS);
        }

        private static DefaultSocks5CommandResponse response(Socks5CommandStatus status) {
            return new DefaultSocks5CommandResponse(status, Socks5AddressType.IPv4, "0.0.0.0", 0);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent && !asked) {
                ctx.close();
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.debug("SOCKS5 connection broke: {}", cause.toString());
            ctx.close();
        }
    }

    /// Reads on, only to hear of the end.
    private static final class UntilItsEnd extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /// RFC 1928, section 6.
    private static Socks5CommandStatus status(Refusal.Kind kind) {
        return switch (kind) {
            case NOT_ALLOWED -> Socks5CommandStatus.FORBIDDEN;
            case NO_SUCH_NODE -> Socks5CommandStatus.HOST_UNREACHABLE;
            case NO_ROUTE, REFUSED_ON_ROUTE -> Socks5CommandStatus.NETWORK_UNREACHABLE;
            case PORT_REFUSED -> Socks5CommandStatus.CONNECTION_REFUSED;
            case TIMEOUT -> Socks5CommandStatus.TTL_EXPIRED;
            case BUSY, UNAVAILABLE -> Socks5CommandStatus.FAILURE;
        };
    }
}
