package io.skywire.local.hosts;

import io.skywire.local.MachineLacks;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/// The few calls of Linux that the JDK does not have, for namespaces and for the ends of tunnels. Waiting calls are
/// begun again when a signal comes.
final class Kernel {
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final long TUNSETIFF = 0x4004_54caL;
    private static final short IFF_TUN = 1;
    private static final short IFF_NO_PI = 0x1000;
    private static final int NAME_BYTES = 16;
    private static final int REQUEST_BYTES = 40;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int LONGEST_MESSAGE = 256;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_OF = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = call(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle SETNS =
            call("setns", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle IOCTL = call(
            "ioctl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle READ = transfer("read");
    private static final MethodHandle WRITE = transfer("write");
    private static final MethodHandle PPOLL = call(
            "ppoll",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS));
    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(symbol("strerror"), FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private Kernel() {}

    /// This thread belongs to that network namespace from now on.
    static void enter(Path namespace) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int file = open(arena, state, namespace.toString(), O_CLOEXEC);
            try {
                succeeded("setns " + namespace, state, (int) SETNS.invokeExact(state, file, CLONE_NEWNET));
            } finally {
                int unused = (int) CLOSE.invokeExact(state, file);
            }
        } catch (Throwable failure) {
            throw told(failure);
        }
    }

    /// A new device of that name in this thread's namespace; answers the descriptor at which its packets come and go.
    static int tunnelEnd(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int file = open(arena, state, "/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
            MemorySegment request = arena.allocate(REQUEST_BYTES);
            request.setString(0, name);
            request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, (short) (IFF_TUN | IFF_NO_PI));
            succeeded("TUNSETIFF " + name, state, (int) IOCTL.invokeExact(state, file, TUNSETIFF, request));
            return file;
        } catch (Throwable failure) {
            throw told(failure);
        }
    }

    static void close(int file) {
        try (Arena arena = Arena.ofConfined()) {
            int unused = (int) CLOSE.invokeExact(arena.allocate(STATE), file);
        } catch (Throwable failure) {
            throw told(failure);
        }
    }

    /// Reads and writes at descriptors that do not block. For one thread.
    static final class Calls implements AutoCloseable {
        private static final int POLLIN = 1;
        private static final int ONE = 8;

        private final Arena arena = Arena.ofConfined();
        private final MemorySegment state = arena.allocate(STATE);
        private final MemorySegment polled;
        private final MemorySegment limit = arena.allocate(16, 8);
        private final int files;

        Calls(int... files) {
            this.files = files.length;
            polled = arena.allocate((long) ONE * files.length, 4);
            for (int i = 0; i < files.length; i++) {
                polled.set(ValueLayout.JAVA_INT, (long) i * ONE, files[i]);
                polled.set(ValueLayout.JAVA_SHORT, (long) i * ONE + 4, (short) POLLIN);
            }
        }

        MemorySegment buffer(int bytes) {
            return arena.allocate(bytes, 8);
        }

        /// Waits until one of the descriptors has something to read, or so long.
        void await(long nanos) {
            limit.set(ValueLayout.JAVA_LONG, 0, nanos / 1_000_000_000);
            limit.set(ValueLayout.JAVA_LONG, 8, nanos % 1_000_000_000);
            try {
                int ready = (int) PPOLL.invokeExact(state, polled, (long) files, limit, MemorySegment.NULL);
                if (ready < 0 && errno(state) != EINTR) {
                    throw refused("ppoll", state);
                }
            } catch (Throwable failure) {
                throw told(failure);
            }
        }

        /// Bytes read; 0 if nothing is there.
        int read(int file, MemorySegment into) {
            try {
                long read = (long) READ.invokeExact(state, file, into, into.byteSize());
                if (read < 0 && errno(state) != EAGAIN && errno(state) != EINTR) {
                    throw refused("read", state);
                }
                return (int) Math.max(0, read);
            } catch (Throwable failure) {
                throw told(failure);
            }
        }

        /// Whether it was taken.
        boolean write(int file, MemorySegment from, int length) {
            try {
                return (long) WRITE.invokeExact(state, file, from, (long) length) == length;
            } catch (Throwable failure) {
                throw told(failure);
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static int open(Arena arena, MemorySegment state, String path, int flags) throws Throwable {
        int file = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags);
        succeeded("open " + path, state, file);
        return file;
    }

    private static void succeeded(String what, MemorySegment state, int result) {
        if (result < 0) {
            throw refused(what, state);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO_OF.get(state, 0L);
    }

    private static MachineLacks refused(String what, MemorySegment state) {
        int number = errno(state);
        String text;
        try {
            text = ((MemorySegment) STRERROR.invokeExact(number))
                    .reinterpret(LONGEST_MESSAGE)
                    .getString(0);
        } catch (Throwable failure) {
            text = "error " + number;
        }
        return new MachineLacks("'" + what + "' is refused by the kernel: " + text + "; hosts of their own need root");
    }

    private static RuntimeException told(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
    }

    private static MethodHandle transfer(String name) {
        return call(
                name,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    }

    private static MethodHandle call(String name, FunctionDescriptor form, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = ERRNO;
        return LINKER.downcallHandle(symbol(name), form, all);
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(
                        () -> new MachineLacks("this system has no '" + name + "': hosts of their own need Linux"));
    }
}
