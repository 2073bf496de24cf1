package io.skywire.node.app;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.skywire.node.session.FirstBytes;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An HTTP proxy for local programs that knows one method: `CONNECT NAME.sky:PORT`. A refusal is a status and one line
/// of plain text. Safe for any thread.
public final class ConnectDoor {
    private static final Logger log = LoggerFactory.getLogger(ConnectDoor.class);
    private static final Pattern AUTHORITY = Pattern.compile("([^:/@\\[\\]]{1,255}):([0-9]{1,5})");

    private final Door door;

    private ConnectDoor(Door door) {
        this.door = door;
    }

    /// Listens at `address`. Completes exceptionally with [DoorException] if that cannot be.
    ///
    /// @param group NIO event loops, see [ApplicationLoops]
    public static CompletionStage<ConnectDoor> open(
            EventLoopGroup group, InetSocketAddress address, StreamOpener opener, AddressBook book) {
        return Door.open("HTTP CONNECT", group, address, socket -> welcome(socket, opener, book))
                .thenApply(ConnectDoor::new);
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return door.address();
    }

    /// Stops listening; open connections go on.
    public void close() {
        door.close();
    }

    private static void welcome(SocketChannel socket, StreamOpener opener, AddressBook book) {
        HttpDecoderConfig limits = new HttpDecoderConfig()
                .setMaxInitialLineLength(1024)
                .setMaxHeaderSize(16_384)
                .setMaxChunkSize(8192);
        socket.pipeline().addLast(new HttpRequestDecoder(limits)).addLast(new NegotiationHandler(socket, opener, book));
    }

    /// One request, one response; then it leaves.
    private static final class NegotiationHandler extends ChannelInboundHandlerAdapter {
        private final SocketChannel socket;
        private final StreamOpener opener;
        private final AddressBook book;
        private final Guest guest;
        private @Nullable HttpRequest request;
        private boolean asked;

        NegotiationHandler(SocketChannel socket, StreamOpener opener, AddressBook book) {
            this.socket = socket;
            this.opener = opener;
            this.book = book;
            this.guest = new Guest(socket);
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            guest.hurry();
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (asked) {
                ctx.fireChannelRead(message);
                return;
            }
            if (message instanceof HttpRequest head) {
                request = head;
            }
            HttpRequest head = request;
            boolean complete = message instanceof LastHttpContent;
            boolean hopeless = head == null || head.decoderResult().isFailure() || hasBody(head);
            ReferenceCountUtil.release(message);
            if (complete || hopeless) {
                ask(ctx, head);
            }
        }

        private static boolean hasBody(HttpRequest head) {
            return head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                    || head.headers().getInt(HttpHeaderNames.CONTENT_LENGTH, 0) != 0;
        }

        private void ask(ChannelHandlerContext ctx, @Nullable HttpRequest head) {
            asked = true;
            guest.hasAsked();
            // What follows the request is the program's own; it waits until there is a stream.
            ctx.pipeline().addLast(FirstBytes.hold());
            ctx.pipeline().remove(HttpObjectDecoder.class);
            if (head == null || head.decoderResult().isFailure()) {
                respond(HttpResponseStatus.BAD_REQUEST, "this is no HTTP request");
                return;
            }
            if (!head.method().equals(HttpMethod.CONNECT)) {
                respond(HttpResponseStatus.METHOD_NOT_ALLOWED, "this proxy knows CONNECT only");
                return;
            }
            if (hasBody(head)) {
                respond(HttpResponseStatus.BAD_REQUEST, "a CONNECT request has no body");
                return;
            }
            Matcher authority = AUTHORITY.matcher(head.uri());
            if (!authority.matches()) {
                respond(
                        HttpResponseStatus.BAD_REQUEST,
                        "CONNECT needs NAME.sky:PORT, not '" + AddressBook.printable(head.uri()) + "'");
                return;
            }
            guest.reach(
                    opener, book, authority.group(1), Integer.parseInt(authority.group(2)), this::opened, refusal -> {
                        log.debug("CONNECT {}: {}", AddressBook.printable(head.uri()), refusal.detail());
                        respond(status(refusal.kind()), refusal.detail());
                    });
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (!asked) {
                ctx.read();
            }
        }

        private void opened(QuicStreamChannel stream) {
            socket.writeAndFlush(text("HTTP/1.1 200 Connection Established\r\n\r\n"));
            socket.pipeline().remove(this);
            StreamBridge.join(socket, stream);
        }

        private void respond(HttpResponseStatus status, String detail) {
            String body = AddressBook.line(detail) + "\n";
            String allow = status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED) ? "Allow: CONNECT\r\n" : "";
            socket.writeAndFlush(text("HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=us-ascii\r\n"
                            + allow + "Content-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body))
                    .addListener(ChannelFutureListener.CLOSE);
        }

        private ByteBuf text(String text) {
            return ByteBufUtil.writeAscii(socket.alloc(), text);
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
            log.debug("HTTP connection broke: {}", cause.toString());
            ctx.close();
        }
    }

    private static HttpResponseStatus status(Refusal.Kind kind) {
        return switch (kind) {
            case NOT_ALLOWED -> HttpResponseStatus.FORBIDDEN;
            case NO_SUCH_NODE -> HttpResponseStatus.NOT_FOUND;
            case NO_ROUTE, REFUSED_ON_ROUTE, PORT_REFUSED -> HttpResponseStatus.BAD_GATEWAY;
            case TIMEOUT -> HttpResponseStatus.GATEWAY_TIMEOUT;
            case BUSY, UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
        };
    }
}
