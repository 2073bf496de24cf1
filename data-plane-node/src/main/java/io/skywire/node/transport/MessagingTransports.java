package io.skywire.node.transport;

import io.netty.channel.EventLoop;
import io.skywire.node.letters.ReturnReason;
import io.skywire.node.messaging.Mailbox;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The links of one node through messaging servers: dials, accepts, keeps, and lists them. Safe for any thread; never
/// blocks, but for [#close].
///
/// Made before its mailbox starts, whose letters it hears from then on. Each settled link is told to the
/// [TransportListener] and its packets go to an [Ingress] of its own. There is at most one link per neighbour. All of
/// it runs on the mailbox's event loop, which belongs to the caller and must outlive this object.
public final class MessagingTransports {
    private static final int HINTS_PER_INTERVAL = 16;

    private final PublicKey self;
    private final MessagingLinkSettings settings;
    private final EventLoop loop;
    private final RandomGenerator random;
    private final LinkTable table;
    private final Announcer announcer;
    private final Map<PublicKey, Dial> dials = new ConcurrentHashMap<>();
    private final Post post;
    private final MessagingHandshakes handshakes;
    private final Map<LinkName, MessagingLink> links = new HashMap<>(); // on the loop
    private final List<MessagingLink> touched = new ArrayList<>(); // on the loop
    private final Map<LetterDrop, LongAdder> drops = new EnumMap<>(LetterDrop.class);
    private int hints; // on the loop
    private boolean hintsDue; // on the loop

    /// `loop` is the mailbox's. `random` makes the ephemeral keys: a `SecureRandom`, or in tests one that is safe for
    /// many threads.
    public MessagingTransports(
            KeyPair self,
            MessagingLinkSettings settings,
            Mailbox mailbox,
            EventLoop loop,
            Ingress.Factory ingresses,
            TransportListener listener,
            InstantSource clock,
            RandomGenerator random) {
        this.self = self.publicKey();
        this.settings = settings;
        this.loop = loop;
        this.random = random;
        this.table = new LinkTable(self.publicKey());
        this.announcer = new Announcer(table, listener, peer -> Optional.ofNullable(dials.get(peer)));
        for (LetterDrop reason : LetterDrop.values()) {
            drops.put(reason, new LongAdder());
        }
        this.post = new Post(self, settings, mailbox, loop, ingresses, clock, random, new Keeper());
        this.handshakes = new MessagingHandshakes(post, this::made);
        mailbox.listen(new Ear());
    }

    /// Links to `peer` now, and again whenever the link is gone. A second call for the same peer does nothing.
    ///
    /// @throws IllegalArgumentException if `peer` is this node
    public void keep(PublicKey peer) {
        if (peer.equals(self)) {
            throw new IllegalArgumentException("a node does not link to itself: " + peer);
        }
        Dial dial = new Dial(
                peer, "messaging", settings.firstBackOff(), settings.lastBackOff(), loop, random, new Dial.Links() {
                    @Override
                    public boolean isLinked(PublicKey neighbour) {
                        return find(id(neighbour)).isPresent();
                    }

                    @Override
                    public void connect(PublicKey neighbour, Attempt attempt) {
                        handshakes.dial(neighbour, told(neighbour, attempt));
                    }
                });
        if (dials.putIfAbsent(peer, dial) == null) {
            dial.start();
        }
    }

    /// Dials `peer` no more. A link that stands stays until somebody closes it.
    public void release(PublicKey peer) {
        Dial dial = dials.remove(peer);
        if (dial != null) {
            dial.stop();
        }
    }

    private Attempt told(PublicKey peer, Attempt attempt) {
        return new Attempt() {
            @Override
            public void settled() {
                attempt.settled();
            }

            @Override
            public void failed(LinkFailure kind, String detail) {
                announcer.failed(kind, peer.shortHex() + ": " + detail);
                attempt.failed(kind, detail);
            }
        };
    }

    private TransportId id(PublicKey neighbour) {
        return TransportId.between(self, neighbour, TransportType.MESSAGING);
    }

    /// The links that are up.
    public List<Transport> live() {
        return table.all().stream()
                .filter(Link::isUp)
                .map(Transport.class::cast)
                .toList();
    }

    /// The link of that id, if it is up.
    public Optional<Transport> find(TransportId id) {
        return table.find(id).filter(Link::isUp).map(Transport.class::cast);
    }

    /// What [#keep] is doing, one entry per peer.
    public List<DialState> dials() {
        return dials.values().stream().map(Dial::state).toList();
    }

    /// Letters that were not taken so far, by reason.
    public Map<LetterDrop, Long> dropped() {
        Map<LetterDrop, Long> sums = new EnumMap<>(LetterDrop.class);
        drops.forEach((reason, count) -> sums.put(reason, count.sum()));
        return sums;
    }

    /// Stops dialling, tells every neighbour, and ends every link. Before the mailbox closes; not on an event loop. A
    /// second call does nothing.
    public void close(Duration deadline) {
        announcer.refuseFurther();
        dials.values().forEach(Dial::stop);
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        loop.execute(() -> {
            handshakes.cancel();
            List.copyOf(links.values()).forEach(link -> link.close("the node is ending"));
            ended.complete(true);
        });
        ended.completeOnTimeout(false, deadline.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private void made(
            LinkName name,
            LinkSession session,
            TransportSnapshot.Opener opener,
            PublicKey via,
            byte @Nullable [] actThree,
            Attempt attempt) {
        MessagingLink link = new MessagingLink(name, session, opener, via, actThree, post, attempt);
        links.put(name, link);
        link.begin();
    }

    private final class Keeper implements Post.Keeper {
        @Override
        public LinkOwner owner() {
            return announcer;
        }

        @Override
        public void count(LetterDrop reason) {
            LongAdder count = drops.get(reason);
            if (count != null) {
                count.increment();
            }
        }

        @Override
        public void over(MessagingLink link) {
            links.remove(link.name(), link);
        }
    }

    /// What the mailbox hears, on its loop.
    private final class Ear implements Mailbox.Listener {
        @Override
        public void letter(PublicKey from, PublicKey via, byte[] payload, int offset, int length) {
            Optional<Envelope.Kind> kind = Envelope.kind(payload, offset, length);
            if (kind.isEmpty()) {
                post.count(LetterDrop.MALFORMED);
                return;
            }
            LinkName name = new LinkName(from, Envelope.linkId(payload, offset));
            MessagingLink link = links.get(name);
            switch (kind.get()) {
                case FRAME -> {
                    if (link == null) {
                        unknown(name, via);
                    } else {
                        if (link.touch()) {
                            touched.add(link);
                        }
                        link.frame(via, payload, offset, length);
                    }
                }
                case NO_SUCH_LINK -> {
                    if (link == null) {
                        post.count(LetterDrop.UNKNOWN_LINK);
                    } else {
                        link.doubted();
                    }
                }
                case ACT_ONE, ACT_TWO, ACT_THREE -> {
                    if (link == null) {
                        handshakes.receive(
                                kind.get(),
                                name,
                                via,
                                Arrays.copyOfRange(payload, offset + Envelope.HEAD, offset + length));
                    } // else it is a repetition: the handshake is done
                }
            }
        }

        /// The neighbour may have a link that this node has lost by a restart; it should not wait for silence.
        private void unknown(LinkName name, PublicKey via) {
            post.count(LetterDrop.UNKNOWN_LINK);
            if (hints < HINTS_PER_INTERVAL) {
                hints++;
                post.send(name.peer(), via, Envelope.of(Envelope.Kind.NO_SUCH_LINK, name.id(), new byte[0]));
            }
            if (!hintsDue) {
                hintsDue = true;
                post.later(settings.heartbeatInterval(), () -> {
                    hints = 0;
                    hintsDue = false;
                });
            }
        }

        @Override
        public void endOfRead() {
            for (int i = 0; i < touched.size(); i++) {
                touched.get(i).endOfRead();
            }
            touched.clear();
        }

        @Override
        public void returned(PublicKey to, PublicKey via, ReturnReason reason) {
            switch (reason) {
                case NO_SUCH_PEER, DRAINING -> {
                    handshakes.returned(to, via);
                    ofPeer(to).forEach(link -> link.lost(via));
                }
                case TOO_LARGE -> ofPeer(to).forEach(link -> link.tooLarge(via));
                case QUEUE_FULL, RATE_LIMITED -> {
                    // lost, as datagrams are; the ends slow down
                }
            }
        }

        private List<MessagingLink> ofPeer(PublicKey peer) {
            return links.values().stream()
                    .filter(link -> link.remote().equals(peer))
                    .toList();
        }

        @Override
        public void serverUp(PublicKey server) {
            // whoever looks for a server finds it
        }

        @Override
        public void serverLeaving(PublicKey server) {
            List.copyOf(links.values()).forEach(link -> link.lost(server));
        }

        @Override
        public void serverDown(PublicKey server, String reason) {
            List.copyOf(links.values()).forEach(link -> link.lost(server));
        }
    }
}
