package io.skywire.control.messaging;

import static io.skywire.control.messaging.EntryRules.breachOfDeletion;
import static io.skywire.control.messaging.EntryRules.breachOfForm;
import static io.skywire.control.messaging.EntryRules.breachOfSuccession;
import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.messaging.Answer.Refused;
import io.skywire.control.messaging.EntryRules.Standing;
import io.skywire.control.messaging.MessagingEntry.Server;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EntryRulesTest {
    private static final KeyPair KEY = TestKeys.pairs(1, 5).getFirst();
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final long NANOS = EntryRules.nanos(NOW);

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:80", "127.255.0.9:80", ":80", "[::1]:80", "[::ffff:127.0.0.1]:80", "[]:80", ":"})
    void refusesServersThatLeadNowhere(String address) {
        assertThat(breachOfForm(server(address, NANOS), NOW, LoopbackServers.REFUSED))
                .contains(Refused.LOOPBACK_SERVER);
        assertThat(breachOfForm(server(address, NANOS), NOW, LoopbackServers.ALLOWED))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.5:80", "localhost:80", "host.example:1", "127.0.0.1", "::1", "x", "[::1:80"})
    void takesNamesAndAddressesWithoutPortAsTheyAre(String address) {
        assertThat(breachOfForm(server(address, NANOS), NOW, LoopbackServers.REFUSED))
                .isEmpty();
    }

    @Test
    void onlyServersMustBeOnTime() {
        assertThat(breachOfForm(server("h:1", NANOS - 60_000_000_000L), NOW, LoopbackServers.REFUSED))
                .isEmpty();
        assertThat(breachOfForm(server("h:1", NANOS + 5_000_000_000L), NOW, LoopbackServers.REFUSED))
                .isEmpty();
        assertThat(breachOfForm(server("h:1", NANOS - 60_000_000_001L), NOW, LoopbackServers.REFUSED))
                .contains(Refused.OUTDATED);
        assertThat(breachOfForm(server("h:1", NANOS + 5_000_000_001L), NOW, LoopbackServers.REFUSED))
                .contains(Refused.OUTDATED);
        assertThat(breachOfForm(client(0, 0), NOW, LoopbackServers.REFUSED)).isEmpty();
    }

    @Test
    void aLiveEntryIsFollowedByAGreaterSequenceAndNoOlderTime() {
        Standing live = new Standing(5, 100, true);

        assertThat(breachOfSuccession(client(6, 100), live)).isEmpty();
        assertThat(breachOfSuccession(client(9, 101), live)).isEmpty();
        assertThat(breachOfSuccession(client(5, 101), live)).contains(Refused.WRONG_SEQUENCE);
        assertThat(breachOfSuccession(client(4, 101), live)).contains(Refused.WRONG_SEQUENCE);
        assertThat(breachOfSuccession(client(6, 99), live)).contains(Refused.OLDER_TIMESTAMP);
        assertThat(breachOfSuccession(client(5, 99), live)).contains(Refused.WRONG_SEQUENCE);
    }

    @Test
    void sequencesAreUnsigned() {
        assertThat(breachOfSuccession(client(-1, 100), new Standing(Long.MAX_VALUE, 100, true)))
                .isEmpty();
        assertThat(breachOfSuccession(client(0, 100), new Standing(-1, 100, true)))
                .contains(Refused.WRONG_SEQUENCE);
    }

    @Test
    void aTombstoneIsFollowedByAnySequenceWithANewerTime() {
        Standing gone = new Standing(5, 100, false);

        assertThat(breachOfSuccession(client(0, 101), gone)).isEmpty();
        assertThat(breachOfSuccession(client(6, 100), gone)).isEmpty();
        assertThat(breachOfSuccession(client(5, 100), gone)).contains(Refused.OLDER_TIMESTAMP);
        assertThat(breachOfSuccession(client(9, 99), gone)).contains(Refused.OLDER_TIMESTAMP);
    }

    @Test
    void onlyTheNewestDocumentOrANewerOneDeletes() {
        Standing live = new Standing(5, 100, true);

        assertThat(breachOfDeletion(client(5, 100), live)).isEmpty();
        assertThat(breachOfDeletion(client(6, 101), live)).isEmpty();
        assertThat(breachOfDeletion(client(4, 100), live)).contains(Refused.WRONG_SEQUENCE);
        assertThat(breachOfDeletion(client(5, 99), live)).contains(Refused.OLDER_TIMESTAMP);
        assertThat(breachOfDeletion(client(5, 100), new Standing(5, 100, false)))
                .contains(Refused.NOT_FOUND);
    }

    private static MessagingEntry server(String address, long timestamp) {
        return new MessagingEntry(
                "0.0.1",
                0,
                timestamp,
                Optional.of(KEY.publicKey()),
                Optional.empty(),
                "",
                Optional.of(new Server(address, 1, "")),
                "x");
    }

    private static MessagingEntry client(long sequence, long timestamp) {
        return new MessagingEntry(
                "0.0.1",
                sequence,
                timestamp,
                Optional.of(KEY.publicKey()),
                Optional.of(new MessagingEntry.Client(Optional.empty())),
                "",
                Optional.empty(),
                "x");
    }
}
