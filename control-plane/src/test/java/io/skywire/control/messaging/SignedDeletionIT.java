package io.skywire.control.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A discovery that asks for more than the public document before it deletes, and takes loopback servers.
final class SignedDeletionIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    Path keys;

    @Test
    void onlyTheOwnersSignedRequestDeletes() {
        List<KeyPair> pairs = TestKeys.pairs(2, 12);
        try (TestControlPlane plane = TestControlPlane.start(
                POSTGRES.database().url(),
                keys,
                Map.of(
                        "skywire.messaging.delete-proof", "signed-request",
                        "skywire.messaging.loopback-servers", "allowed"))) {
            EntryDirectory directory = plane.room(EntryDirectory.class);
            KeyPair owner = pairs.getFirst();
            byte[] document = SignedDocument.server(owner, "0", Instant.now(), "127.0.0.1:8080", 4)
                    .text()
                    .getBytes(StandardCharsets.UTF_8);
            assertThat(directory.post(document, EntryDirectory.Lease.USUAL)).isEqualTo(Answer.Done.CREATED);

            assertThat(directory.delete(document, Optional.empty())).isEqualTo(Answer.Refused.NOT_THE_OWNER);
            assertThat(directory.delete(document, Optional.of(pairs.getLast().publicKey())))
                    .isEqualTo(Answer.Refused.NOT_THE_OWNER);
            assertThat(directory.document(owner.publicKey())).isPresent();

            assertThat(directory.delete(document, Optional.of(owner.publicKey())))
                    .isEqualTo(Answer.Done.DELETED);
            assertThat(directory.document(owner.publicKey())).isEmpty();
        }
    }
}
