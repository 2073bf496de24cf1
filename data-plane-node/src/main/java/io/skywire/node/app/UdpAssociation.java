package io.skywire.node.app;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.skywire.node.session.DatagramCounts;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.session.DatagramFlow;
import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A UDP socket for one SOCKS5 client: leads its datagrams to `NAME.sky:PORT`, one flow for each, and the answers back.
/// It ends with the TCP connection that asked for it. Confined to that connection's event loop.
///
/// Datagrams that wait for a session, or for the client's socket, are bounded; what is over is dropped and counted.
final class UdpAssociation {
    private static final int MOST_WAITING = 256 << 10;

    private final SocketChannel asker;
    private final EventLoop loop;
    private final FlowOpener opener;
    private final AddressBook book;
    private final Limits limits;
    private final DatagramCounts counts;
    private final Map<Destination, Flow> flows = new HashMap<>();
    private final AtomicInteger toClient = new AtomicInteger();
    private @Nullable Channel socket;
    private @Nullable InetSocketAddress client; // known from its first datagram on, if the request did not say its port
    private boolean ended;

    /// @param flows at once: destinations that a client talks to
    /// @param idle a flow that carries nothing either way for so long is forgotten
    /// @param waiting datagrams of one flow that wait for its session
    record Limits(int flows, Duration idle, int waiting) {
        static final Limits DEFAULTS = new Limits(64, Duration.ofSeconds(60), 16);
    }

    private record Destination(String name, int port) {}

    /// @param expected the client's port as its request says it, 0 if it does not
    UdpAssociation(
            SocketChannel asker,
            int expected,
            FlowOpener opener,
            AddressBook book,
            Limits limits,
            DatagramCounts counts) {
        this.asker = asker;
        this.loop = asker.eventLoop();
        this.opener = opener;
        this.book = book;
        this.limits = limits;
        this.counts = counts;
        if (expected != 0) {
            client = new InetSocketAddress(asker.remoteAddress().getAddress(), expected);
        }
    }

    /// Opens the socket on the address where the client found the door.
    ChannelFuture open() {
        ChannelFuture bound = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(UdpServices.LARGEST))
                .handler(new FromClient())
                .bind(new InetSocketAddress(asker.localAddress().getAddress(), 0));
        Channel opened = bound.channel();
        socket = opened;
        Future<?> sweeping = loop.scheduleWithFixedDelay(
                this::sweep,
                limits.idle().toMillis(),
                Math.max(1, limits.idle().toMillis() / 4),
                TimeUnit.MILLISECONDS);
        asker.closeFuture().addListener(closed -> {
            ended = true;
            sweeping.cancel(false);
            opened.close();
            flows.values().forEach(Flow::end);
            flows.clear();
        });
        return bound;
    }

    private final class FromClient extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            if (!isClient(packet.sender())) {
                counts.dropped(FlowDrop.FOREIGN_SOURCE);
                return;
            }
            switch (SocksDatagram.read(packet.content())) {
                case SocksDatagram.Fragment fragment -> counts.dropped(FlowDrop.FRAGMENT);
                case SocksDatagram.Malformed malformed -> counts.dropped(FlowDrop.MALFORMED);
                case SocksDatagram.ToAddress plain -> counts.dropped(FlowDrop.NOT_ALLOWED);
                case SocksDatagram.ToName to -> lead(to.name(), to.port(), packet.content());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            counts.dropped(FlowDrop.UNREACHABLE); // the client has closed its socket
        }
    }

    private boolean isClient(InetSocketAddress sender) {
        InetSocketAddress known = client;
        if (known == null && sender.getAddress().equals(asker.remoteAddress().getAddress())) {
            client = sender;
            return true;
        }
        return sender.equals(known);
    }

    private void lead(String name, int port, ByteBuf data) {
        Destination to = new Destination(name.toLowerCase(Locale.ROOT), port);
        Flow flow = flows.get(to);
        if (flow == null) {
            flow = begin(to, name);
        }
        if (flow != null) {
            flow.send(data.retain());
        }
    }

    private @Nullable Flow begin(Destination to, String name) {
        if (to.port() == 0) {
            counts.dropped(FlowDrop.NOT_ALLOWED);
            return null;
        }
        return switch (book.resolve(AddressBook.withShortLabel(to.name()))) {
            case AddressBook.Lookup.Foreign foreign -> refused(FlowDrop.NOT_ALLOWED);
            case AddressBook.Lookup.Unknown unknown -> refused(FlowDrop.UNREACHABLE);
            case AddressBook.Lookup.Found found -> {
                if (flows.size() >= limits.flows()) {
                    yield refused(FlowDrop.TOO_MANY_FLOWS);
                }
                Flow flow = new Flow(to, name);
                flows.put(to, flow);
                flow.begin(found.key());
                yield flow;
            }
        };
    }

    private @Nullable Flow refused(FlowDrop reason) {
        counts.dropped(reason);
        return null;
    }

    private void sweep() {
        long now = System.nanoTime();
        for (Iterator<Flow> all = flows.values().iterator(); all.hasNext(); ) {
            Flow flow = all.next();
            if (now - flow.lastUse > limits.idle().toNanos()) {
                all.remove();
                flow.end();
            }
        }
    }

    /// What goes to one destination and comes from it. The receiver's methods are called on the session's event loop.
    private final class Flow implements DatagramFlow.Receiver {
        private final Destination to;
        private final String name; // as the client wrote it
        private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
        private @Nullable DatagramFlow open;
        private boolean over;
        private volatile long lastUse = System.nanoTime();

        Flow(Destination to, String name) {
            this.to = to;
            this.name = name;
        }

        void begin(PublicKey peer) {
            opener.openFlow(peer, to.port(), this).whenComplete((answer, failure) -> {
                try {
                    loop.execute(() -> begun(answer));
                } catch (RejectedExecutionException ending) {
                    if (answer instanceof DatagramFlow.Answer.Opened opened) {
                        opened.flow().close();
                    }
                }
            });
        }

        private void begun(DatagramFlow.@Nullable Answer answer) {
            if (answer instanceof DatagramFlow.Answer.Opened opened) {
                if (over) {
                    opened.flow().close();
                    return;
                }
                open = opened.flow();
                for (ByteBuf next = waiting.poll(); next != null; next = waiting.poll()) {
                    opened.flow().send(next);
                }
                return;
            }
            for (ByteBuf next = waiting.peek(); next != null && !over; next = waiting.peek()) {
                waiting.remove().release();
                counts.dropped(FlowDrop.UNREACHABLE);
            }
            forget();
        }

        void send(ByteBuf datagram) {
            lastUse = System.nanoTime();
            DatagramFlow flow = open;
            if (flow != null) {
                flow.send(datagram);
            } else if (waiting.size() < limits.waiting()) {
                waiting.add(datagram);
            } else {
                datagram.release();
                counts.dropped(FlowDrop.QUEUE_FULL);
            }
        }

        @Override
        public void received(ByteBuf datagram) {
            lastUse = System.nanoTime();
            int length = datagram.readableBytes();
            if (toClient.addAndGet(length) > MOST_WAITING) {
                toClient.addAndGet(-length);
                datagram.release();
                counts.dropped(FlowDrop.QUEUE_FULL);
                return;
            }
            try {
                loop.execute(() -> toClient(datagram));
            } catch (RejectedExecutionException ending) {
                datagram.release();
            }
        }

        private void toClient(ByteBuf datagram) {
            int length = datagram.readableBytes();
            Channel out = socket;
            InetSocketAddress where = client;
            if (ended || out == null || where == null) {
                datagram.release();
                toClient.addAndGet(-length);
                return;
            }
            ByteBuf header = out.alloc().buffer(name.length() + 7);
            SocksDatagram.write(header, name, to.port());
            out.writeAndFlush(new DatagramPacket(
                            out.alloc().compositeBuffer(2).addComponents(true, header, datagram), where))
                    .addListener(written -> {
                        toClient.addAndGet(-length);
                        if (!written.isSuccess()) {
                            counts.dropped(FlowDrop.UNREACHABLE);
                        }
                    });
        }

        /// The next datagram begins another one.
        @Override
        public void ended() {
            try {
                loop.execute(this::forget);
            } catch (RejectedExecutionException ending) {
                // so is the association
            }
        }

        private void forget() {
            flows.remove(to, this);
            end();
        }

        void end() {
            over = true;
            for (ByteBuf next = waiting.poll(); next != null; next = waiting.poll()) {
                next.release();
            }
            DatagramFlow flow = open;
            open = null;
            if (flow != null) {
                flow.close();
            }
        }
    }
}
