package io.skywire.node.loops;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// The threads of a node: event loops, epoll where the machine has it, Java's own selectors elsewhere.
public final class EventLoops {
    private static final long TASK_QUANTUM_MILLIS = 1;
    private static final int MAX_TASKS = 1 << 20;

    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

    private EventLoops() {}

    /// Leaves out Netty's search for lost buffers, which takes a stack trace for one buffer in 128, unless the command
    /// line asks for it. First thing in a program; in tests the search is on, and thorough.
    public static void withoutLeakDetection() {
        if (System.getProperty(LEAK_DETECTION) == null) {
            System.setProperty(LEAK_DETECTION, "disabled");
        }
    }

    /// A group of `threads` loops; `name` begins their names. The caller shuts it down, after all that runs on it.
    ///
    /// Tasks may hold up the sockets of their loop for one millisecond. Netty's default is a whole second, which other
    /// threads that keep handing over packets would use up, heartbeats and all.
    public static EventLoopGroup open(String name, int threads) {
        return open(name, threads, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /// The same on Java's own selectors, whatever the machine has.
    public static EventLoopGroup openNio(String name, int threads) {
        return open(name, threads, NioIoHandler.newFactory());
    }

    private static EventLoopGroup open(String name, int threads, IoHandlerFactory sockets) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), sockets) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
                return new SingleThreadIoEventLoop(
                        this, executor, handlers, MAX_TASKS, RejectedExecutionHandlers.reject(), TASK_QUANTUM_MILLIS) {
                    @Override
                    protected void run() {
                        if (isIoType(NioIoHandler.class)) {
                            // Netty wakes up such a loop once a second unless something is scheduled for later.
                            var unused = scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.DAYS);
                        }
                        super.run();
                    }
                };
            }
        };
    }

    /// The kind of socket that runs on these loops.
    public static Class<? extends SocketChannel> socketChannel(EventLoopGroup group) {
        return isEpoll(group) ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /// The kind of listening socket that runs on these loops.
    public static Class<? extends ServerChannel> serverChannel(EventLoopGroup group) {
        return isEpoll(group) ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    public static boolean isEpoll(EventLoopGroup group) {
        return group instanceof IoEventLoopGroup io && io.isIoType(EpollIoHandler.class);
    }
}
