package io.skywire.node.cli;

import ch.qos.logback.classic.pattern.TargetLengthBasedClassNameAbbreviator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/// One log event as one line of text, for people. What would begin a new line is folded into the line, so a stack trace
/// is in it and no message can look like two events. For any thread.
/// ```
/// 2026-01-02T03:04:05.678Z INFO  i.s.n.c.ControlLink      message key="value" java.lang.Exception: why | at …
/// ```
final class TextLogEncoder extends LineEncoder {
    private static final int LEVEL_WIDTH = 5;
    private static final int LOGGER_WIDTH = 24;

    private final TargetLengthBasedClassNameAbbreviator abbreviator =
            new TargetLengthBasedClassNameAbbreviator(LOGGER_WIDTH);
    private final DateTimeFormatter moment;

    TextLogEncoder() {
        this(ZoneId.systemDefault());
    }

    TextLogEncoder(ZoneId zone) {
        this.moment =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(zone);
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(160);
        moment.formatTo(event.getInstant(), line);
        line.append(' ');
        pad(line, event.getLevel().toString(), LEVEL_WIDTH);
        String logger = abbreviator.abbreviate(event.getLoggerName());
        pad(line, logger.substring(Math.max(0, logger.length() - LOGGER_WIDTH)), LOGGER_WIDTH);
        fold(line, String.valueOf(event.getFormattedMessage()));
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            for (KeyValuePair pair : pairs) {
                line.append(' ').append(pair.key).append("=\"");
                fold(line, String.valueOf(pair.value));
                line.append('"');
            }
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.append(' ');
            fold(line, ThrowableProxyUtil.asString(thrown));
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void pad(StringBuilder line, String word, int width) {
        line.append(word).repeat(' ', Math.max(0, width - word.length()) + 1);
    }

    /// Appends the text with ` | ` for each break of lines and the blanks around it.
    private static void fold(StringBuilder line, String text) {
        if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0) {
            line.append(text);
            return;
        }
        String separator = "";
        for (String part : text.replace('\r', '\n').split("\n", -1)) {
            String words = part.strip();
            if (!words.isEmpty()) {
                line.append(separator).append(words);
                separator = " | ";
            }
        }
    }
}
