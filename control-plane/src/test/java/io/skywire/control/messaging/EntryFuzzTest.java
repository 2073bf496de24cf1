package io.skywire.control.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.skywire.control.messaging.EntryRules.Standing;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// Entries of the messaging discovery: read, or refused as undecodable; what was read is written in one form, which
/// reads and is written the same; and every rule has an answer to it.
class EntryFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final EntryDecoder decoder = new EntryDecoder();

    @FuzzTest
    void entry(byte[] data) throws UndecodableException {
        MessagingEntry entry;
        try {
            entry = decoder.entry(data);
        } catch (UndecodableException refused) {
            return;
        }
        String document = CanonicalJson.document(entry);
        MessagingEntry again = decoder.entry(document.getBytes(StandardCharsets.UTF_8));
        assertThat(again).isEqualTo(entry);
        assertThat(CanonicalJson.document(again)).isEqualTo(document);
        assertThat(EntryRules.isSigned(entry)).isEqualTo(EntryRules.isSigned(again));
        if (EntryRules.breachOfForm(entry, NOW, LoopbackServers.REFUSED).isEmpty()) {
            assertThat(EntryRules.owner(entry)).isEqualTo(entry.key().orElseThrow());
            Standing standing = new Standing(entry.sequence(), entry.timestamp(), true);
            assertThat(EntryRules.breachOfSuccession(entry, standing)).isPresent();
            assertThat(EntryRules.breachOfDeletion(entry, standing)).isEmpty();
        }
    }

    @FuzzTest
    void keys(byte[] data) {
        try {
            assertThat(decoder.keys(data)).hasSizeLessThanOrEqualTo(data.length);
        } catch (UndecodableException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
