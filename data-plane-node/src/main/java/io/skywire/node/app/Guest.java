package io.skywire.node.app;

import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.node.session.StreamAnswer;
import io.skywire.shared.key.PublicKey;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A local program's connection on its way to a stream: finds out whom a name means, opens the stream, and comes back
/// to the connection's own event loop.
final class Guest {
    private static final int NEGOTIATION_SECONDS = 10;

    private final SocketChannel socket;
    private @Nullable Future<?> deadline;

    Guest(SocketChannel socket) {
        this.socket = socket;
    }

    /// The program has a few seconds to say what it wants.
    void hurry() {
        var late = socket.eventLoop().schedule(() -> socket.close(), NEGOTIATION_SECONDS, TimeUnit.SECONDS);
        socket.closeFuture().addListener(closed -> late.cancel(false));
        deadline = late;
    }

    /// It has said what it wants.
    void hasAsked() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    void reach(
            StreamOpener opener,
            AddressBook book,
            String host,
            int port,
            Consumer<QuicStreamChannel> opened,
            Consumer<Refusal> refused) {
        if (port < 1 || port > 65_535) {
            refused.accept(new Refusal(Refusal.Kind.NOT_ALLOWED, "a port lies between 1 and 65535, not " + port));
            return;
        }
        switch (book.resolve(host)) {
            case AddressBook.Lookup.Found found -> reach(opener, found.key(), port, opened, refused);
            case AddressBook.Lookup.Unknown unknown -> refused.accept(Refusal.of(unknown));
            case AddressBook.Lookup.Foreign foreign -> refused.accept(Refusal.of(foreign));
        }
    }

    void reach(
            StreamOpener opener,
            PublicKey peer,
            int port,
            Consumer<QuicStreamChannel> opened,
            Consumer<Refusal> refused) {
        opener.openStream(peer, port).whenComplete((answer, failure) -> {
            try {
                socket.eventLoop().execute(() -> settle(answer, opened, refused));
            } catch (RejectedExecutionException ending) {
                closeUnused(answer);
            }
        });
    }

    private void settle(@Nullable StreamAnswer answer, Consumer<QuicStreamChannel> opened, Consumer<Refusal> refused) {
        if (!socket.isActive()) {
            closeUnused(answer);
            return;
        }
        switch (answer) {
            case null -> refused.accept(new Refusal(Refusal.Kind.UNAVAILABLE, "unavailable: no answer"));
            case StreamAnswer.Opened open -> opened.accept(open.stream());
            case StreamAnswer.Refused no -> refused.accept(Refusal.of(no.refusal()));
            case StreamAnswer.Failed failed -> refused.accept(Refusal.of(failed.failure()));
        }
    }

    private static void closeUnused(@Nullable StreamAnswer answer) {
        if (answer instanceof StreamAnswer.Opened open) {
            open.stream().close();
        }
    }
}
