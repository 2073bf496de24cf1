package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.shared.rule.SessionUid;
import java.util.List;

/// Speaks the frames of a session's control stream: the first stream, opened by the end that dialled, open as long as
/// the session.
/// ```
///  0      1             3
///  +------+-------------+--------
///  | type | length      | body …
///  | u8   | u16, <= 512 |
///  +------+-------------+--------
///  1 HELLO   initiator   session uid (16)
///  2 ACCEPT  responder   empty; the session is up
///  3 PING    either      8 bytes
///  4 PONG    either      the 8 bytes of the ping
/// ```
/// A frame of an unknown type is skipped, so that later versions can add some; one over the limit ends the session.
final class ControlStream extends ByteToMessageDecoder {
    private static final int HEADER_LENGTH = 3;
    private static final int MAX_BODY = 512;
    private static final int HELLO = 1;
    private static final int ACCEPT = 2;
    private static final int PING = 3;
    private static final int PONG = 4;

    private final QuicStreamChannel stream;
    private final Listener listener;

    /// Hears of frames, on the session's event loop.
    interface Listener {
        void hello(SessionUid session);

        void accept();

        void pong(long nonce);

        /// The stream ended, or the peer broke the rules of it.
        void controlEnded(String reason);
    }

    ControlStream(QuicStreamChannel stream, Listener listener) {
        this.stream = stream;
        this.listener = listener;
    }

    void sendHello(SessionUid session) {
        ByteBuf frame = frame(HELLO, 16);
        frame.writeLong(session.uuid().getMostSignificantBits())
                .writeLong(session.uuid().getLeastSignificantBits());
        stream.writeAndFlush(frame);
    }

    void sendAccept() {
        stream.writeAndFlush(frame(ACCEPT, 0));
    }

    void sendPing(long nonce) {
        stream.writeAndFlush(frame(PING, Long.BYTES).writeLong(nonce));
    }

    private ByteBuf frame(int type, int bodyLength) {
        return stream.alloc()
                .directBuffer(HEADER_LENGTH + bodyLength)
                .writeByte(type)
                .writeShort(bodyLength);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < HEADER_LENGTH) {
            return;
        }
        int type = in.getUnsignedByte(in.readerIndex());
        int length = in.getUnsignedShort(in.readerIndex() + 1);
        if (length > MAX_BODY) {
            in.skipBytes(in.readableBytes());
            listener.controlEnded("a control frame of " + length + " bytes is over the limit of " + MAX_BODY);
            return;
        }
        if (in.readableBytes() < HEADER_LENGTH + length) {
            return;
        }
        in.skipBytes(HEADER_LENGTH);
        handle(type, in.readSlice(length));
    }

    private void handle(int type, ByteBuf body) {
        int length = body.readableBytes();
        if (type == HELLO && length == 16) {
            byte[] uid = new byte[16];
            body.readBytes(uid);
            listener.hello(SessionUid.of(uid));
        } else if (type == ACCEPT && length == 0) {
            listener.accept();
        } else if (type == PING && length == Long.BYTES) {
            stream.writeAndFlush(frame(PONG, Long.BYTES).writeLong(body.readLong()));
        } else if (type == PONG && length == Long.BYTES) {
            listener.pong(body.readLong());
        } else if (type >= HELLO && type <= PONG) {
            listener.controlEnded("a control frame of type " + type + " cannot have " + length + " bytes");
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            listener.controlEnded("the peer ended the control stream");
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        listener.controlEnded("the control stream broke: " + cause.getMessage());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        listener.controlEnded("the control stream is closed");
    }
}
