package io.skywire.node.transport;

import io.netty.channel.EventLoop;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.messaging.Mailbox;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What links through messaging servers share: the mailbox, its event loop, and room to open letters in. On that loop
/// only.
final class Post {
    private final KeyPair self;
    private final MessagingLinkSettings settings;
    private final Mailbox mailbox;
    private final EventLoop loop;
    private final Ingress.Factory ingresses;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Keeper keeper;
    private final byte[] plain = new byte[LetterLayout.MAX_PAYLOAD];

    /// Who keeps the links.
    interface Keeper {
        LinkOwner owner();

        void count(LetterDrop reason);

        /// The link is gone.
        void over(MessagingLink link);
    }

    Post(
            KeyPair self,
            MessagingLinkSettings settings,
            Mailbox mailbox,
            EventLoop loop,
            Ingress.Factory ingresses,
            InstantSource clock,
            RandomGenerator random,
            Keeper keeper) {
        this.self = self;
        this.settings = settings;
        this.mailbox = mailbox;
        this.loop = loop;
        this.ingresses = ingresses;
        this.clock = clock;
        this.random = random;
        this.keeper = keeper;
    }

    KeyPair self() {
        return self;
    }

    MessagingLinkSettings settings() {
        return settings;
    }

    EventLoop loop() {
        return loop;
    }

    Ingress.Factory ingresses() {
        return ingresses;
    }

    RandomGenerator random() {
        return random;
    }

    LinkOwner owner() {
        return keeper.owner();
    }

    Instant now() {
        return clock.instant();
    }

    /// Where a letter is opened; free again when its packets were handed over.
    byte[] plain() {
        return plain;
    }

    void count(LetterDrop reason) {
        keeper.count(reason);
    }

    void over(MessagingLink link) {
        keeper.over(link);
    }

    /// A letter that goes at once.
    void send(PublicKey to, PublicKey via, byte[] payload) {
        mailbox.send(to, via, payload, 0, payload.length);
        mailbox.flush(via);
    }

    /// A letter that goes at the next flush. Answers whether there was room.
    boolean append(PublicKey to, PublicKey via, byte[] payload, int length) {
        return mailbox.send(to, via, payload, 0, length);
    }

    void flush(PublicKey via) {
        mailbox.flush(via);
    }

    /// The largest packet payload through that server; negative without a session.
    int maxPayload(PublicKey via) {
        return Math.min(
                settings.maxPayload(),
                Envelope.maxPayload(mailbox.maxPayload(via).orElse(0)));
    }

    /// Whether a session with that server stands and is not about to end.
    boolean stands(PublicKey server) {
        return mailbox.standsWith(server);
    }

    /// `then` runs on the loop.
    void reach(PublicKey peer, Consumer<Mailbox.Reach> then) {
        mailbox.reach(peer).thenAccept(answer -> later(Duration.ZERO, () -> then.accept(answer)));
    }

    /// How long the nth repetition waits: a time that doubles, of which a random part, half at least, is waited.
    Duration delay(int repetition) {
        long first = settings.firstResend().toNanos();
        long whole = Math.min(settings.lastResend().toNanos(), first << Math.min(repetition, 16));
        return Duration.ofNanos(whole / 2 + random.nextLong(whole / 2 + 1));
    }

    void later(Duration delay, Runnable step) {
        try {
            loop.schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException ending) {
            // the loops are shutting down, and the links with them
        }
    }
}
