package io.skywire.control.messaging;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.messaging.Answer.Done;
import io.skywire.control.messaging.Answer.Refused;
import io.skywire.control.messaging.EntryTable.Kind;
import io.skywire.control.messaging.EntryTable.Official;
import io.skywire.control.messaging.EntryTable.Row;
import io.skywire.shared.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.transaction.support.TransactionOperations;

/// The entries of the messaging discovery. Safe for any thread and any number of replicas: of two updates of one entry
/// with the same sequence one wins, because each is judged and written under the lock of its row.
///
/// While the database is away the calls throw Spring's `DataAccessException` or `TransactionException`.
final class EntryDirectory implements MessagingServers {
    /// As many as the original gives.
    static final int MAX_AVAILABLE_SERVERS = 512;

    static final int MAX_SERVERS = 10_000;

    private static final String OFFICIAL = "official";
    private static final String COMMUNITY = "community";
    private static final int ATTEMPTS = 4;

    private final EntryTable table;
    private final EntryDecoder decoder;
    private final TransactionOperations transactions;
    private final InstantSource clock;
    private final MessagingSettings settings;
    private final Set<PublicKey> officialServers;
    private final MeterRegistry meters;
    private final Counter deregistered;

    EntryDirectory(
            EntryTable table,
            EntryDecoder decoder,
            TransactionOperations transactions,
            InstantSource clock,
            MessagingSettings settings,
            MeterRegistry meters) {
        this.table = table;
        this.decoder = decoder;
        this.transactions = transactions;
        this.clock = clock;
        this.settings = settings;
        this.officialServers = settings.officialServerKeys();
        this.meters = meters;
        this.deregistered = Counter.builder("skywire.messaging.deregistered")
                .description("Keys that network monitors took out of the messaging discovery")
                .register(meters);
    }

    /// How long a client entry is asked to live.
    enum Lease {
        USUAL,
        SHORT
    }

    Answer post(byte[] body, Lease lease) {
        return counted("post", judgeAndWrite(body, lease));
    }

    private Answer judgeAndWrite(byte[] body, Lease lease) {
        MessagingEntry entry;
        try {
            entry = decoder.entry(body);
        } catch (UndecodableException malformed) {
            return Refused.UNDECODABLE;
        }
        Instant now = clock.instant();
        Optional<Refused> breach = EntryRules.breachOfForm(entry, now, settings.loopbackServers());
        if (breach.isPresent()) {
            return breach.get();
        }
        if (!EntryRules.isSigned(entry)) {
            return Refused.BAD_SIGNATURE;
        }
        PublicKey owner = EntryRules.owner(entry);
        Official official = officialServers.contains(owner) ? Official.YES : Official.NO;
        String signedType =
                entry.server().map(MessagingEntry.Server::serverType).orElse("");
        MessagingEntry served = entry.withServerType(official == Official.YES ? OFFICIAL : COMMUNITY);
        Instant until = now.plus(lifetime(entry, lease));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Answer> answer = transactions.execute(status -> {
                Optional<Row> row = table.lock(owner);
                if (row.isEmpty()) {
                    return table.insert(served, signedType, official, until)
                            ? Optional.of(Done.CREATED)
                            : Optional.<Answer>empty();
                }
                Optional<Refused> late =
                        EntryRules.breachOfSuccession(entry, row.get().standing());
                if (late.isPresent()) {
                    return Optional.of(late.get());
                }
                table.replace(served, signedType, official, until);
                return Optional.of(row.get().standing().live() ? Done.UPDATED : Done.CREATED);
            });
            if (answer.isPresent()) {
                return answer.get();
            }
        }
        // A row came and went under each attempt: others write this very key without pause.
        return Refused.WRONG_SEQUENCE;
    }

    /// @param caller the key that signed the request, if the request was signed
    Answer delete(byte[] body, Optional<PublicKey> caller) {
        return counted("delete", judgeAndDelete(body, caller));
    }

    private Answer judgeAndDelete(byte[] body, Optional<PublicKey> caller) {
        MessagingEntry entry;
        try {
            entry = decoder.entry(body);
        } catch (UndecodableException malformed) {
            return Refused.UNDECODABLE;
        }
        Optional<Refused> breach = EntryRules.breachOfContent(entry);
        if (breach.isPresent()) {
            return breach.get();
        }
        PublicKey owner = EntryRules.owner(entry);
        switch (settings.deleteProof()) {
            case DOCUMENT -> {}
            case SIGNED_REQUEST -> {
                if (!caller.equals(Optional.of(owner))) {
                    return Refused.NOT_THE_OWNER;
                }
            }
        }
        if (!isProven(entry, table.find(owner))) {
            return Refused.BAD_SIGNATURE;
        }
        Instant now = clock.instant();
        return transactions.execute(status -> {
            Optional<Row> row = table.lock(owner);
            if (row.isEmpty()) {
                return Refused.NOT_FOUND;
            }
            Optional<Refused> refused =
                    EntryRules.breachOfDeletion(entry, row.get().standing());
            if (refused.isPresent()) {
                return refused.get();
            }
            table.bury(owner, entry.sequence(), entry.timestamp(), now, now.plus(settings.tombstone()));
            return Done.DELETED;
        });
    }

    /// A server's document is served with the type that it has here, which its signature does not cover. Its owner
    /// sends back what it was served, so the stored document counts as signed.
    private static boolean isProven(MessagingEntry entry, Optional<Row> stored) {
        return stored.filter(row -> row.document().equals(CanonicalJson.document(entry)))
                        .isPresent()
                || EntryRules.isSigned(entry);
    }

    /// The document that is served for the key.
    Optional<String> document(PublicKey key) {
        return table.find(key).filter(row -> row.standing().live()).map(Row::document);
    }

    List<byte[]> clients() {
        return table.clients();
    }

    List<byte[]> visors() {
        return table.visors();
    }

    List<String> availableServers() {
        return table.servers(EntryTable.Servers.WITH_FREE_SESSIONS, MAX_AVAILABLE_SERVERS);
    }

    List<String> allServers() {
        return table.servers(EntryTable.Servers.ALL, MAX_SERVERS);
    }

    @Override
    public List<Server> all() {
        List<Server> servers = new ArrayList<>();
        for (String document : allServers()) {
            try {
                MessagingEntry entry = decoder.entry(document.getBytes(StandardCharsets.UTF_8));
                entry.server().ifPresent(told -> servers.add(new Server(EntryRules.owner(entry), told.address())));
            } catch (UndecodableException impossible) {
                throw new IllegalStateException("a stored entry cannot be read", impossible);
            }
        }
        return servers;
    }

    /// What a network monitor found dead.
    void deregister(List<PublicKey> keys) {
        Instant now = clock.instant();
        int gone = table.buryAll(keys, now, now.plus(settings.tombstone()));
        deregistered.increment(gone);
    }

    /// Ends at most `limit` entries of a kind whose time has run out; gives how many.
    int expire(Kind kind, int limit) {
        Instant now = clock.instant();
        return table.buryExpired(kind, now, now.plus(settings.tombstone()), limit);
    }

    private Duration lifetime(MessagingEntry entry, Lease lease) {
        if (entry.server().isPresent()) {
            return settings.serverLifetime();
        }
        return switch (lease) {
            case USUAL -> settings.clientLease();
            case SHORT -> settings.shortClientLease();
        };
    }

    private Answer counted(String request, Answer answer) {
        Counter.builder("skywire.messaging.requests")
                .description("Changes of entries that were asked for, by HTTP status")
                .tag("request", request)
                .tag("status", Integer.toString(answer.status()))
                .register(meters)
                .increment();
        return answer;
    }
}
