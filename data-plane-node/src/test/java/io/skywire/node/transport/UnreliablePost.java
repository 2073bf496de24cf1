package io.skywire.node.transport;

import io.netty.channel.EventLoop;
import io.skywire.node.messaging.Mailbox;
import io.skywire.node.messaging.MailboxStatus;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// A messaging server as bad as one can be: it loses, doubles, delays and changes letters as the test says, and
/// remembers them all. All mailboxes share one event loop.
final class UnreliablePost {
    final PublicKey server = KeyPair.generate(new SecureRandom()).publicKey();
    final List<Sent> sent = new CopyOnWriteArrayList<>();
    volatile double loss;
    volatile double doubling;
    volatile double change;
    volatile Duration mostDelay = Duration.ZERO;
    volatile int maxPayload = 16_384 + 128;
    private final EventLoop loop;
    private final Random random;
    private final Map<PublicKey, Box> boxes = new ConcurrentHashMap<>();

    record Sent(PublicKey from, PublicKey to, byte[] letter) {}

    UnreliablePost(EventLoop loop, long seed) {
        this.loop = loop;
        this.random = new Random(seed);
    }

    Mailbox box(PublicKey self) {
        Box box = new Box(self);
        boxes.put(self, box);
        return box;
    }

    /// Hands over a letter that `from` may have written or not.
    void deliver(PublicKey from, PublicKey to, byte[] letter) {
        byte[] copy = letter.clone();
        loop.execute(() -> {
            Mailbox.Listener ear = boxes.get(to).listener;
            if (ear != null) {
                ear.letter(from, server, copy, 0, copy.length);
                ear.endOfRead();
            }
        });
    }

    private void take(PublicKey from, PublicKey to, byte[] letter) {
        sent.add(new Sent(from, to, letter));
        int copies = chance(loss) ? 0 : chance(doubling) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            byte[] copy = letter.clone();
            if (chance(change)) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            long wait = random.nextLong(mostDelay.toNanos() + 1);
            loop.schedule(() -> deliver(from, to, copy), wait, TimeUnit.NANOSECONDS);
        }
    }

    private synchronized boolean chance(double share) {
        return random.nextDouble() < share;
    }

    private final class Box implements Mailbox {
        private final PublicKey self;
        private volatile Listener listener;

        private Box(PublicKey self) {
            this.self = self;
        }

        @Override
        public PublicKey self() {
            return self;
        }

        @Override
        public Set<PublicKey> servers() {
            return Set.of(server);
        }

        @Override
        public boolean standsWith(PublicKey other) {
            return other.equals(server);
        }

        @Override
        public OptionalInt maxPayload(PublicKey via) {
            return OptionalInt.of(maxPayload);
        }

        @Override
        public boolean send(PublicKey to, PublicKey via, byte[] payload, int offset, int length) {
            take(self, to, Arrays.copyOfRange(payload, offset, offset + length));
            return true;
        }

        @Override
        public void flush(PublicKey via) {}

        @Override
        public CompletionStage<Reach> reach(PublicKey peer) {
            return CompletableFuture.completedFuture(
                    boxes.containsKey(peer)
                            ? new Reach.Via(server)
                            : new Reach.Nowhere(Cause.UNKNOWN_PEER, "nobody knows that key"));
        }

        @Override
        public void listen(Listener ear) {
            listener = ear;
        }

        @Override
        public void start() {}

        @Override
        public MailboxStatus status() {
            return new MailboxStatus(
                    List.of(), List.of(), Optional.empty(), Optional.empty(), 0, 0, Map.of(), Map.of());
        }

        @Override
        public void close() {}
    }
}
