package io.skywire.node.messaging;

import io.netty.channel.EventLoop;
import io.skywire.node.directory.DirectoryClient;
import io.skywire.node.letters.ReturnReason;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Where a node sends and gets letters through messaging servers. Safe for any thread; never blocks.
///
/// Letters are datagrams: they may be lost, doubled or overtaken, and a server could have made them up. Whoever uses a
/// mailbox seals what he sends.
public interface Mailbox extends AutoCloseable {
    /// A mailbox that does nothing before [#start]. The event loop and the directory belong to the caller and must
    /// outlive it. `random` makes the ephemeral keys: a `SecureRandom`, or in tests one that is safe for many threads.
    /// `nanos` runs on evenly, as `System::nanoTime` does.
    static Mailbox of(
            KeyPair self,
            MailboxSettings settings,
            EventLoop loop,
            DirectoryClient directory,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random) {
        return new ServerSessions(self, settings, loop, directory, clock, nanos, random);
    }

    PublicKey self();

    /// The servers with which a session stands, those that are about to end left out unless there is no other.
    Set<PublicKey> servers();

    /// Whether a session with that server stands and is not about to end.
    boolean standsWith(PublicKey server);

    /// The largest payload of a letter through that server, in bytes; empty without a session.
    OptionalInt maxPayload(PublicKey via);

    /// Sends one letter to `to` through the session with `via`. It is copied. Without such a session, without room,
    /// or over [#maxPayload], it is dropped and counted, and the answer is false. It waits until [#flush], unless a
    /// frame is full before.
    boolean send(PublicKey to, PublicKey via, byte[] payload, int offset, int length);

    /// Lets go what was sent through `via` so far.
    void flush(PublicKey via);

    /// Finds a server through which letters reach `peer` and with which a session stands: a shared one, or one of the
    /// peer's, with which a session is opened then. Ends within seconds, on an event loop or on any thread.
    CompletionStage<Reach> reach(PublicKey peer);

    /// Who hears of letters. One for all; before the first session, so call it before [#start].
    void listen(Listener listener);

    void start();

    MailboxStatus status();

    /// Leaves every server and takes the entry out of the discovery. Waits, a few seconds at most; not on an event
    /// loop.
    @Override
    void close();

    /// Whether a peer can be reached, and how.
    sealed interface Reach {
        /// Send through this server; a session with it stands.
        record Via(PublicKey server) implements Reach {}

        /// Not now.
        record Nowhere(Cause cause, String text) implements Reach {}
    }

    /// Why a peer cannot be reached.
    enum Cause {
        /// The discovery knows no server of that key.
        UNKNOWN_PEER,
        /// The discovery does not answer.
        DISCOVERY_AWAY,
        /// None of the peer's servers can be reached or lets us in.
        SERVERS_AWAY,
        /// Too much is under way already.
        BUSY
    }

    /// Hears of letters and servers. Called on one event loop, always the same for one mailbox, so it never blocks.
    interface Listener {
        /// A letter from a key that the server says it has proved. The array is the mailbox's: it may be changed within
        /// the payload, and is neither kept nor read after this returns.
        void letter(PublicKey from, PublicKey via, byte[] payload, int offset, int length);

        /// One read of a socket is done: what was sent because of it should be flushed now.
        void endOfRead();

        /// A letter to `to` could not go on; told at most once in a while for the same reason.
        void returned(PublicKey to, PublicKey via, ReturnReason reason);

        void serverUp(PublicKey server);

        /// The server is about to end. Letters still go through; use another one as soon as there is one.
        void serverLeaving(PublicKey server);

        void serverDown(PublicKey server, String reason);
    }
}
