package io.skywire.local.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacedTransferTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final PacedSource source = new PacedSource(new Random(1));

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), source.port());
    }

    @Test
    void whatWasSentComesWhole() throws Exception {
        connect().close(); // a connect that was given up gets nothing and holds nobody up
        try (source;
                TimedSink sink = new TimedSink(connect())) {
            await().atMost(PATIENCE).until(() -> sink.bytes() >= 5L * PacedSource.CHUNK);

            source.stop();

            assertThat(sink.awaitEnd(PATIENCE)).isTrue();
            assertThat(sink.broken()).isEmpty();
            assertThat(sink.bytes()).isEqualTo(source.bytes());
            assertThat(sink.sha256Come()).isEqualTo(source.sha256Sent());
        }
    }

    @Test
    void aTransferThatIsCutMissesBytes() throws Exception {
        try (source) {
            TimedSink sink = new TimedSink(connect());
            await().atMost(PATIENCE).until(() -> sink.bytes() > 0);

            sink.close();

            assertThat(sink.awaitEnd(PATIENCE)).isTrue();
            assertThat(sink.broken()).isPresent();
            await().atMost(PATIENCE).until(() -> source.bytes() > sink.bytes());
        }
    }
}
