package io.skywire.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonLogEncoderTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger log = context.getLogger("io.skywire.some");
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    private List<String> lines() {
        JsonLogEncoder encoder = new JsonLogEncoder();
        return events.list.stream()
                .map(event -> new String(encoder.encode(event), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void writesOneObjectPerLineWithEachPairAsAField() {
        events.start();
        log.addAppender(events);
        log.setLevel(Level.DEBUG);
        UUID route = UUID.fromString("00000000-0000-0001-0000-000000000002");

        log.atInfo()
                .addKeyValue("route_id", route)
                .addKeyValue("revision", 7L)
                .addKeyValue("level", "mine")
                .log("installed \"{}\"\nand more", "rules");
        log.error("broken", new IllegalStateException("two\nlines"));

        assertThat(lines()).hasSize(2).allMatch(line -> line.indexOf('\n') == line.length() - 1);
        JsonNode first = new JsonMapper().readTree(lines().getFirst());
        assertThat(first.path("route_id").asString()).isEqualTo(route.toString());
        assertThat(first.path("revision").asLong()).isEqualTo(7);
        assertThat(first.path("level").asString()).isEqualTo("INFO");
        assertThat(first.path("message").asString()).isEqualTo("installed \"rules\"\nand more");
        assertThat(first.path("logger_name").asString()).isEqualTo("io.skywire.some");
        JsonNode second = new JsonMapper().readTree(lines().getLast());
        assertThat(second.path("stack_trace").asString()).contains("IllegalStateException: two");
    }
}
