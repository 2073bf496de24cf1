package io.skywire.node.messaging;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.skywire.node.directory.DirectoryClient;
import io.skywire.node.directory.DirectoryEntry;
import io.skywire.node.directory.EntryContent;
import io.skywire.node.directory.EntryPublisher;
import io.skywire.node.letters.Crossing;
import io.skywire.node.letters.ReturnReason;
import io.skywire.node.letters.Workspace;
import io.skywire.node.messaging.MailboxStatus.Kind;
import io.skywire.node.messaging.MailboxStatus.State;
import io.skywire.proto.v1.MessagingRefusal;
import io.skywire.proto.v1.MessagingRefused;
import io.skywire.proto.v1.MessagingRival;
import io.skywire.proto.v1.MessagingWelcome;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkSession;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A [Mailbox] over sessions with several servers. All sessions and all decisions live on one event loop; only the
/// questions to the discovery run elsewhere, on virtual threads, and come back to it.
///
/// After every event the same question is asked ([#maintain()]): are there as many own sessions as wanted? A session
/// that is missing is opened at once; servers that failed lately wait in the [ServerBook]. A server that is about to
/// end is left only when another session stands in its place.
final class ServerSessions implements Mailbox, ServerSession.Owner, Openings.Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(ServerSessions.class);
    private static final int RACERS = 3;
    private static final int CROSSING_BYTES = 2 << 20;
    private static final int NEW_SENDERS_PER_TICK = 256;
    private static final long IN_FLIGHT = 16L << 20;
    private static final Duration ENOUGH_IDLE = Duration.ofSeconds(5);
    private static final Duration MOST_MOVE_DELAY = Duration.ofSeconds(2);
    private static final Duration LEAST_REST_OF_A_LEAVING_SERVER = Duration.ofSeconds(30);
    private static final Duration CLOSE = Duration.ofSeconds(3);

    private final KeyPair self;
    private final MailboxSettings settings;
    private final EventLoop loop;
    private final DirectoryClient directory;
    private final Discovery discovery;
    private final EntryPublisher publisher;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final Workspace workspace;
    private final MailboxCounters counters = new MailboxCounters();
    private final ServerBook book;
    private final Senders senders = new Senders(NEW_SENDERS_PER_TICK);
    private final Openings openings;
    private final Crossing<ServerSession, PublicKey> crossing;
    private final Map<PublicKey, ServerSession> sessions = new ConcurrentHashMap<>(); // changed on the loop only
    private final Set<ServerSession> held = new HashSet<>(); // leaving, and not to be replaced yet
    private final Search search;
    private final Map<Problem, String> problems = new ConcurrentHashMap<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private Listener listener = new Unheard();
    private volatile Optional<String> observedAddress = Optional.empty();
    private final ListPauses lists;
    private boolean listing;
    private boolean published;
    private @Nullable Future<?> timer;
    private @Nullable Future<?> wakeUp;

    /// What an operator should act on; one text each.
    private enum Problem {
        KEY_IN_USE,
        RIVAL,
        DISCOVERY,
        NO_SERVER
    }

    /// The event loop and the directory belong to the caller and must outlive this. `random` makes the ephemeral
    /// keys: a `SecureRandom`, or in tests one that is safe for many threads. `nanos` runs on evenly, as
    /// `System::nanoTime` does.
    ServerSessions(
            KeyPair self,
            MailboxSettings settings,
            EventLoop loop,
            DirectoryClient directory,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random) {
        this.self = self;
        this.settings = settings;
        this.loop = loop;
        this.directory = directory;
        this.clock = clock;
        this.nanos = nanos;
        this.random = random;
        this.workspace = new Workspace(settings.memory(), IN_FLIGHT);
        this.book = new ServerBook(settings.firstBackOff(), settings.lastBackOff(), random);
        this.openings = new Openings(loop, self, settings, random, this);
        this.crossing = new Crossing<>(loop, this::crossed, this::flushAll, CROSSING_BYTES);
        this.discovery = new Discovery(loop);
        this.search =
                new Search(directory, new PeerLookups(settings.lookupLife()), discovery, loop, nanos, new Servers());
        this.publisher = new EntryPublisher(directory, self, this::content, settings.renewal(), clock, random);
        this.lists = new ListPauses(settings.refresh(), random, nanos.getAsLong());
    }

    // --- the face: any thread

    @Override
    public PublicKey self() {
        return self.publicKey();
    }

    @Override
    public void listen(Listener ear) {
        if (started.get()) {
            throw new IllegalStateException("who hears of letters is said before the start");
        }
        listener = ear;
    }

    @Override
    public void start() {
        if (started.compareAndSet(false, true)) {
            long period = settings.tick().toNanos();
            loop.execute(() -> {
                timer = loop.scheduleWithFixedDelay(this::tick, 0, period, TimeUnit.NANOSECONDS);
            });
        }
    }

    @Override
    public Set<PublicKey> servers() {
        Set<PublicKey> staying = keys(session -> session.state() == State.UP);
        return staying.isEmpty() ? keys(session -> session.state() == State.LEAVING) : staying;
    }

    private Set<PublicKey> keys(java.util.function.Predicate<ServerSession> which) {
        Set<PublicKey> keys = new HashSet<>();
        for (ServerSession session : sessions.values()) {
            if (which.test(session)) {
                keys.add(session.key());
            }
        }
        return keys;
    }

    @Override
    public boolean standsWith(PublicKey server) {
        ServerSession session = sessions.get(server);
        return session != null && session.state() == State.UP;
    }

    @Override
    public OptionalInt maxPayload(PublicKey via) {
        ServerSession session = sessions.get(via);
        return session == null || session.state() == State.OPENING
                ? OptionalInt.empty()
                : OptionalInt.of(session.maxPayload());
    }

    @Override
    public boolean send(PublicKey to, PublicKey via, byte[] payload, int offset, int length) {
        ServerSession session = sessions.get(via);
        if (session == null || session.state() == State.OPENING) {
            counters.count(LocalDrop.NO_SESSION);
            return false;
        }
        if (length > session.maxPayload()) {
            counters.count(LocalDrop.TOO_LARGE);
            return false;
        }
        boolean taken = loop.inEventLoop()
                ? session.send(to, payload, offset, length)
                : crossing.offer(session, to, to, payload, offset, length);
        if (taken) {
            counters.out();
        } else {
            counters.count(LocalDrop.QUEUE_FULL);
        }
        return taken;
    }

    @Override
    public void flush(PublicKey via) {
        if (loop.inEventLoop()) {
            ServerSession session = sessions.get(via);
            if (session != null) {
                session.flush();
            }
        } else {
            crossing.flush();
        }
    }

    private void crossed(ServerSession session, PublicKey to, byte[] letter, int offset, int length) {
        if (session.isGone()) {
            counters.count(LocalDrop.NO_SESSION);
        } else if (!session.sendLetter(to, letter, offset, length)) {
            counters.count(LocalDrop.QUEUE_FULL);
        }
    }

    private void flushAll() {
        sessions.values().forEach(ServerSession::flush);
    }

    @Override
    public CompletionStage<Reach> reach(PublicKey peer) {
        CompletableFuture<Reach> answer = new CompletableFuture<>();
        discovery.onLoop(() -> search.seek(peer).thenAccept(answer::complete));
        return answer;
    }

    @Override
    public MailboxStatus status() {
        List<MailboxStatus.Session> all = new ArrayList<>();
        sessions.values().forEach(session -> all.add(session.status()));
        all.sort(Comparator.comparing(MailboxStatus.Session::server));
        publisher
                .failure()
                .ifPresentOrElse(
                        text -> problems.put(Problem.DISCOVERY, text), () -> problems.remove(Problem.DISCOVERY));
        return new MailboxStatus(
                all,
                List.copyOf(problems.values()),
                publisher.published(),
                observedAddress,
                counters.lettersIn(),
                counters.lettersOut(),
                counters.drops(),
                counters.ends());
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            if (started.get()) {
                publisher
                        .withdraw()
                        .ifPresent(reason -> LOG.warn("the entry stays in the messaging discovery: {}", reason));
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        discovery.onLoop(() -> {
            cancel(timer);
            cancel(wakeUp);
            openings.cancel();
            List.copyOf(sessions.values()).forEach(session -> session.end(SessionEnd.CLOSED, "this node is ending"));
            search.close();
            ended.complete(true);
        });
        ended.completeOnTimeout(false, CLOSE.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    // --- keeping sessions: on the loop

    private void tick() {
        senders.tick();
        List.copyOf(sessions.values()).forEach(ServerSession::tick);
        long now = nanos();
        for (ServerSession session : List.copyOf(sessions.values())) {
            if (session.kind() == Kind.PEERS
                    && session.state() == State.UP
                    && now - session.lastUsed() > settings.peerSessionIdle().toNanos()) {
                session.end(SessionEnd.IDLE, "not used any more");
            }
        }
        if (lists.isOld(now)) {
            askForServers();
        }
        maintain();
    }

    /// Opens what is missing, and leaves what has been replaced.
    private void maintain() {
        if (closed.get()) {
            return;
        }
        int standing = ownSessions(State.UP);
        int missing =
                settings.sessions() - standing - ownSessions(State.OPENING) - openings.count(Kind.OWN) - held.size();
        for (; missing > 0; missing--) {
            Optional<ServerSession> adopted = sessions.values().stream()
                    .filter(session -> session.kind() == Kind.PEERS && session.state() == State.UP)
                    .findFirst();
            if (adopted.isPresent()) {
                adopted.get().becomes(Kind.OWN);
                publish();
            } else if (!openOwn()) {
                break;
            }
        }
        if (standing >= settings.sessions()) {
            sessions.values().stream()
                    .filter(session -> session.state() == State.LEAVING)
                    .forEach(this::leaveSoon);
        } else if (sessions.isEmpty() && openings.count(Kind.OWN) == 0) {
            problems.put(
                    Problem.NO_SERVER,
                    book.isEmpty()
                            ? "the messaging discovery knows no server with free sessions"
                            : "no messaging server lets this node in; it goes on trying");
        }
    }

    private int ownSessions(State state) {
        int count = 0;
        for (ServerSession session : sessions.values()) {
            if (session.kind() == Kind.OWN && session.state() == state) {
                count++;
            }
        }
        return count;
    }

    private boolean openOwn() {
        Set<PublicKey> taken = openings.servers();
        taken.addAll(sessions.keySet());
        taken.add(self.publicKey());
        long now = nanos();
        List<ServerAddress> drawn = book.draw(RACERS, taken, now);
        if (!drawn.isEmpty()) {
            openings.open(drawn, Kind.OWN);
            return true;
        }
        askForServers();
        book.nextDial(taken, now).ifPresent(this::wakeUpIn);
        return false;
    }

    private void wakeUpIn(Duration delay) {
        cancel(wakeUp);
        wakeUp = loop.schedule(this::maintain, delay.toNanos() + 1, TimeUnit.NANOSECONDS);
    }

    /// What stands in its place is up: letters that are still under way get a moment.
    private void leaveSoon(ServerSession session) {
        loop.schedule(
                () -> session.end(SessionEnd.MOVED, "moved as the server asked"),
                settings.settleAfterMove().toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void askForServers() {
        if (listing || !lists.mayAsk(nanos())) {
            return;
        }
        listing = true;
        discovery.ask(directory::availableServers, answer -> {
            listing = false;
            switch (answer) {
                case Discovery.Answered<List<DirectoryEntry>> said -> {
                    lists.answered(ListPauses.Outcome.LIST, nanos());
                    book.learn(said.value());
                }
                case Discovery.Unanswered<List<DirectoryEntry>> silent -> {
                    lists.answered(ListPauses.Outcome.NOTHING, nanos());
                    LOG.debug("no list of messaging servers: {}", silent.text());
                }
            }
            maintain();
        });
    }

    private EntryContent content() {
        Set<PublicKey> own = keys(session -> session.kind() == Kind.OWN && session.state() == State.UP);
        return new EntryContent.OfClient(
                own.isEmpty() ? keys(session -> session.state() == State.LEAVING) : own, "visor");
    }

    private void publish() {
        if (!published) {
            published = true;
            publisher.start();
        } else {
            publisher.changed();
        }
    }

    // --- what openings tell: on the loop

    @Override
    public ServerSession begun(ServerAddress server, Channel channel, LinkSession proven, Kind kind) {
        ServerSession session = new ServerSession(server, channel, proven, kind, this);
        ServerSession before = sessions.put(server.key(), session);
        if (before != null) {
            before.end(SessionEnd.LEFT, "opened anew");
        }
        return session;
    }

    @Override
    public void failed(ServerAddress server, SessionEnd why, String detail) {
        counters.count(why);
        LOG.debug("no session with server {} at {}: {}", server.key().shortHex(), server, detail);
        book.failed(server.key(), ServerBook.SessionStood.NO, nanos());
    }

    @Override
    public void vain() {
        maintain();
        search.advance();
    }

    // --- what sessions tell: on the loop

    @Override
    public void up(ServerSession session, MessagingWelcome welcome) {
        session.since(clock.instant());
        book.up(session.key(), nanos());
        if (!welcome.getObservedAddress().isEmpty()) {
            observedAddress = Optional.of(clean(welcome.getObservedAddress()));
        }
        problems.remove(Problem.KEY_IN_USE);
        problems.remove(Problem.NO_SERVER);
        LOG.info("session with messaging server {} at {}", session.key().shortHex(), session.server());
        if (session.kind() == Kind.OWN) {
            publish();
        }
        listener.serverUp(session.key());
        search.advance();
        maintain();
    }

    @Override
    public void refused(ServerSession session, MessagingRefused why) {
        String text = clean(why.getText());
        Duration rest = Duration.ofMillis(Integer.toUnsignedLong(why.getRetryAfterMs()));
        book.rest(session.key(), rest.compareTo(settings.lastBackOff()) > 0 ? settings.lastBackOff() : rest, nanos());
        if (why.getReason() == MessagingRefusal.MESSAGING_REFUSAL_KEY_IN_USE) {
            problems.put(
                    Problem.KEY_IN_USE,
                    "another program uses this node's key at messaging server "
                            + session.key().shortHex() + ": stop one of the two, or give it a key of its own");
            LOG.warn("messaging server {} refuses: {}", session.key().shortHex(), text);
            session.end(SessionEnd.KEY_IN_USE, text);
        } else {
            session.end(SessionEnd.REFUSED, text);
        }
    }

    @Override
    public void leaving(ServerSession session, Duration within) {
        Duration rest = within.compareTo(LEAST_REST_OF_A_LEAVING_SERVER) > 0 ? within : LEAST_REST_OF_A_LEAVING_SERVER;
        book.rest(session.key(), rest.compareTo(Duration.ofMinutes(5)) > 0 ? Duration.ofMinutes(5) : rest, nanos());
        listener.serverLeaving(session.key());
        if (session.kind() == Kind.PEERS) {
            return; // whoever uses it asks for the peer again
        }
        LOG.info(
                "messaging server {} is about to end, another one is looked for",
                session.key().shortHex());
        held.add(session);
        Duration most = within.dividedBy(4).compareTo(MOST_MOVE_DELAY) < 0 ? within.dividedBy(4) : MOST_MOVE_DELAY;
        // All clients of that server hear it at once; the next one should not have to take them all at once.
        loop.schedule(
                () -> {
                    held.remove(session);
                    lists.missing(nanos());
                    maintain();
                },
                random.nextLong(most.toNanos() + 1),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void rival(ServerSession session, MessagingRival rival) {
        String text = "another program claimed this node's key at messaging server "
                + session.key().shortHex() + ", from " + clean(rival.getAddress()) + " at "
                + Instant.ofEpochMilli(Math.clamp(rival.getAtMs(), 0, 253_402_300_799_000L));
        if (problems.put(Problem.RIVAL, text) == null) {
            LOG.warn("{}", text);
        }
    }

    @Override
    public void letter(ServerSession session, PublicKey from, byte[] payload, int offset, int length) {
        counters.in();
        listener.letter(from, session.key(), payload, offset, length);
    }

    @Override
    public void badSender(ServerSession session) {
        counters.count(LocalDrop.BAD_SENDER);
    }

    @Override
    public void returned(ServerSession session, PublicKey to, ReturnReason reason) {
        if (reason == ReturnReason.NO_SUCH_PEER || reason == ReturnReason.DRAINING) {
            search.forget(to);
        }
        listener.returned(to, session.key(), reason);
    }

    @Override
    public void endOfRead(ServerSession session) {
        listener.endOfRead();
    }

    @Override
    public void ended(ServerSession session, SessionEnd why, String detail) {
        sessions.remove(session.key(), session);
        held.remove(session);
        counters.count(why);
        boolean stood = session.state() != State.OPENING;
        switch (why) {
            case REFUSED, KEY_IN_USE, MOVED, IDLE, CLOSED -> {
                // how long that server is left alone was said before, or it is no failure
            }
            case UNREACHABLE, HANDSHAKE_FAILED, WRONG_KEY, SILENT, BAD_FRAME, LEFT, INTERNAL ->
                book.failed(session.key(), stood ? ServerBook.SessionStood.YES : ServerBook.SessionStood.NO, nanos());
        }
        if (stood) {
            LOG.info(
                    "session with messaging server {} is over: {}",
                    session.key().shortHex(),
                    detail);
            listener.serverDown(session.key(), detail);
            if (session.kind() == Kind.OWN && !closed.get()) {
                lists.missing(nanos());
                publish();
            }
        }
        maintain();
        search.advance();
    }

    /// What a search asks of the sessions.
    private final class Servers implements Search.Servers {
        @Override
        public Optional<PublicKey> shared(List<PublicKey> servers) {
            Optional<ServerSession> shared = servers.stream()
                    .map(sessions::get)
                    .filter(session -> session != null && session.state() != State.OPENING)
                    .min(Comparator.comparing(ServerSession::state));
            shared.ifPresent(ServerSession::used);
            return shared.map(ServerSession::key);
        }

        @Override
        public boolean stands(List<PublicKey> servers) {
            return servers.stream()
                    .map(sessions::get)
                    .anyMatch(session -> session != null && session.state() == State.UP);
        }

        @Override
        public boolean isBeingTried(List<PublicKey> servers) {
            Set<PublicKey> tried = openings.servers();
            return servers.stream().anyMatch(server -> tried.contains(server) || sessions.containsKey(server));
        }

        @Override
        public Optional<ServerAddress> address(PublicKey server) {
            return book.find(server);
        }

        @Override
        public boolean mayDial(PublicKey server) {
            return book.mayDial(server, nanos());
        }

        @Override
        public void learn(ServerAddress server) {
            book.learn(server);
        }

        @Override
        public boolean open(List<ServerAddress> servers) {
            if (!makeRoomForPeer()) {
                return false;
            }
            openings.open(servers, Kind.PEERS);
            return true;
        }
    }

    /// Whether one more session for peers may be opened; the one that was used least lately makes room.
    private boolean makeRoomForPeer() {
        List<ServerSession> forPeers = sessions.values().stream()
                .filter(session -> session.kind() == Kind.PEERS)
                .sorted(Comparator.comparingLong(session -> session.lastUsed() - nanos()))
                .toList();
        if (forPeers.size() + openings.count(Kind.PEERS) < settings.peerSessions()) {
            return true;
        }
        Optional<ServerSession> idlest = forPeers.stream().findFirst();
        if (idlest.isPresent() && nanos() - idlest.get().lastUsed() > ENOUGH_IDLE.toNanos()) {
            idlest.get().end(SessionEnd.IDLE, "made room for another");
            return true;
        }
        return false;
    }

    // --- small things

    @Override
    public Workspace workspace() {
        return workspace;
    }

    @Override
    public MailboxSettings settings() {
        return settings;
    }

    @Override
    public LongAdder evictions() {
        return counters.evictions();
    }

    @Override
    public Senders senders() {
        return senders;
    }

    @Override
    public long nanos() {
        return nanos.getAsLong();
    }

    private static void cancel(@Nullable Future<?> future) {
        if (future != null) {
            future.cancel(false);
        }
    }

    /// What a server said, for people: short, on one line.
    private static String clean(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= 200 ? line : line.substring(0, 200);
    }

    /// Before anybody listens.
    private static final class Unheard implements Listener {
        @Override
        public void letter(PublicKey from, PublicKey via, byte[] payload, int offset, int length) {}

        @Override
        public void endOfRead() {}

        @Override
        public void returned(PublicKey to, PublicKey via, ReturnReason reason) {}

        @Override
        public void serverUp(PublicKey server) {}

        @Override
        public void serverLeaving(PublicKey server) {}

        @Override
        public void serverDown(PublicKey server, String reason) {}
    }
}
