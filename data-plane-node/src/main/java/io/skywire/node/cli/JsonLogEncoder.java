package io.skywire.node.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.json.JsonMapper;

/// One log event as one JSON object on one line, with the field names that the control plane's log has too. What the
/// event was given beside its text (`route_id`, `request_id`, …) are fields of their own. For any thread.
/// ```
/// {"@timestamp":"2026-01-02T03:04:05.678Z","level":"INFO","logger_name":"…","thread_name":"…","message":"…",
///  "route_id":"…","stack_trace":"…"}
/// ```
final class JsonLogEncoder extends LineEncoder {
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("@timestamp", event.getInstant().toString());
        line.put("level", event.getLevel().toString());
        line.put("logger_name", event.getLoggerName());
        line.put("thread_name", event.getThreadName());
        line.put("message", String.valueOf(event.getFormattedMessage()));
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> line.putIfAbsent(pair.key, plain(pair.value)));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.put("stack_trace", ThrowableProxyUtil.asString(thrown));
        }
        return (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /// Numbers and truths stay what they are; everything else says itself, never by its fields.
    private static Object plain(Object value) {
        return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
    }
}
