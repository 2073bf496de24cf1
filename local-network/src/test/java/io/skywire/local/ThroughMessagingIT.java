package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two nodes that cannot dial each other, with real processes: PostgreSQL, a control plane, two messaging servers.
class ThroughMessagingIT {
    private static final long BYTES = 16 << 20;

    @TempDir
    private Path home;

    @Test
    void aFileTravelsThroughAServerThatCannotReadItAndATransferMovesToTheDirectWay() {
        StateDirectory state =
                StateDirectory.open(home, Path.of("target", "postgres-binaries"), StateDirectory.NEEDED_BYTES);
        try (LocalNetwork network = new LocalNetwork(Installation.at(Path.of("..")), state, Shape.apartAndBlocked())) {
            network.start(LocalNetwork.Offer.WEB_SERVER, Progress.quiet());

            ThroughMessagingResult result = new ThroughMessaging(
                            network, new Curl(Programs.curl()), new Random(1), BYTES)
                    .run(Progress.quiet());

            assertThat(result.why()).isEmpty();
            assertThat(result.held()).isTrue();
            assertThat(result.json())
                    .contains("\"bytes\":16777216", "\"sha256_match\":true", "\"direct_links_between_ends\":0")
                    .contains("\"relay_saw_plaintext\":false", "\"upgraded_to_tcp\":true")
                    .contains("\"messaging\"");
        }
    }
}
