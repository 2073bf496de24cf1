package io.skywire.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class TextLogEncoderTest {
    private final Logger log = new LoggerContext().getLogger("io.skywire.node.control.ControlLink");
    private final TextLogEncoder encoder = new TextLogEncoder(ZoneOffset.ofHours(2));

    private LoggingEvent event(Level level, String message, @Nullable Throwable thrown) {
        LoggingEvent event = new LoggingEvent("", log, level, message, thrown, null);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
        return event;
    }

    private String line(ILoggingEvent event) {
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void saysWhenHowGraveWhoAndWhat() {
        LoggingEvent event = event(Level.INFO, "all is well", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("revision", 7), new KeyValuePair("reason", "a\nb")));

        assertThat(line(event))
                .isEqualTo("2026-01-02T05:04:05.678+02:00 INFO  i.s.n.c.ControlLink      all is well"
                        + " revision=\"7\" reason=\"a | b\"\n");
    }

    @Test
    void isOneLineWhateverTheMessageAndTheExceptionHold() {
        String line = line(event(
                Level.ERROR,
                "one\r\n2026-01-02T05:04:05.678+02:00 INFO  forged",
                new IllegalStateException("two\nlines")));

        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        assertThat(line)
                .doesNotContain("\r", "\t")
                .contains(
                        " ERROR ",
                        "one | 2026-01-02T05:04:05.678+02:00 INFO  forged java.lang.IllegalStateException: two | lines | at ");
    }
}
