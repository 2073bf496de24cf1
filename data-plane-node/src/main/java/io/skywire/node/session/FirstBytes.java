package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/// Takes the first bytes of a channel without `autoRead`, then holds whatever has come after them until somebody behind
/// it reads; hands that over and leaves.
///
/// Between "the header is here" and "the stream has a handler" lies a connect or a dial; nothing that arrives meanwhile
/// may be lost. Holds at most what one read brought.
public final class FirstBytes extends ChannelDuplexHandler {
    private final int count;
    private final Taker taker;
    private final ArrayDeque<Object> held = new ArrayDeque<>();
    private Phase phase;
    private boolean readWanted;

    private enum Phase {
        TAKING,
        HOLDING,
        REPLAYING,
        OPEN
    }

    /// Gets the first bytes, or hears that they will not come. Called on the channel's event loop, exactly once.
    interface Taker {
        void taken(ByteBuf bytes);

        void missing(Throwable cause);
    }

    FirstBytes(int count, Taker taker) {
        this.count = count;
        this.taker = taker;
        this.phase = count == 0 ? Phase.HOLDING : Phase.TAKING;
    }

    /// Takes nothing, only holds.
    public static FirstBytes hold() {
        return new FirstBytes(0, new Taker() {
            @Override
            public void taken(ByteBuf bytes) {}

            @Override
            public void missing(Throwable cause) {}
        });
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        if (phase == Phase.TAKING) {
            ctx.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (phase == Phase.OPEN) {
            ctx.fireChannelRead(message);
            return;
        }
        held.add(message);
        if (phase == Phase.TAKING) {
            takeIfEnough(ctx);
        }
    }

    private void takeIfEnough(ChannelHandlerContext ctx) {
        int bytes = 0;
        for (Object message : held) {
            bytes += message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
        }
        if (bytes < count) {
            return;
        }
        phase = Phase.HOLDING;
        ByteBuf first = ctx.alloc().buffer(count, count);
        try {
            while (first.isWritable()) {
                if (held.peek() instanceof ByteBuf buffer && buffer.isReadable()) {
                    first.writeBytes(buffer, Math.min(buffer.readableBytes(), first.writableBytes()));
                }
                if (held.peek() instanceof ByteBuf buffer && !buffer.isReadable()) {
                    ReferenceCountUtil.release(held.poll());
                }
            }
            taker.taken(first);
        } finally {
            first.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        switch (phase) {
            case TAKING -> ctx.read();
            case HOLDING, REPLAYING -> {}
            case OPEN -> ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean inputEnded =
                event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete;
        if (phase == Phase.OPEN || !inputEnded) {
            ctx.fireUserEventTriggered(event);
        } else if (phase == Phase.TAKING) {
            miss(new EOFException("the peer ended the stream before its first " + count + " bytes"));
        } else {
            held.add(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (phase == Phase.TAKING) {
            miss(cause);
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (phase == Phase.TAKING) {
            miss(new ClosedChannelException());
        }
        releaseHeld();
        ctx.fireChannelInactive();
    }

    private void miss(Throwable cause) {
        phase = Phase.HOLDING;
        taker.missing(cause);
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        switch (phase) {
            case TAKING, OPEN -> ctx.read();
            case REPLAYING -> readWanted = true;
            case HOLDING -> replay(ctx);
        }
    }

    private void replay(ChannelHandlerContext ctx) {
        phase = Phase.REPLAYING;
        readWanted = held.isEmpty();
        boolean data = false;
        for (Object item = held.poll(); item != null; item = held.poll()) {
            if (item instanceof ByteBuf) {
                data = true;
                ctx.fireChannelRead(item);
            } else {
                ctx.fireUserEventTriggered(item);
            }
        }
        if (data) {
            ctx.fireChannelReadComplete();
        }
        phase = Phase.OPEN;
        if (readWanted || ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        releaseHeld();
    }

    private void releaseHeld() {
        for (Object item = held.poll(); item != null; item = held.poll()) {
            ReferenceCountUtil.release(item);
        }
    }
}
