package io.skywire.node.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;

/// How a node logs unless a file says otherwise (`-Dlogback.configurationFile=…`, or a test's `logback-test.xml`): one
/// line per event on standard error; standard output belongs to the commands. Logback finds it as a service.
///
/// In Java and not in XML, because reading that costs an agent hundreds of classes, which stay in memory.
///
/// | property | environment | is | default |
/// |---|---|---|---|
/// | `skywire.log.level` | `SKYWIRE_LOG_LEVEL` | the least level | `info` |
/// | `skywire.log.format` | | `text` or `json` | `text` |
public final class Logging extends ContextAwareBase implements Configurator {
    static final String LEVEL = "skywire.log.level";
    static final String FORMAT = "skywire.log.format";
    static final String JSON = "json";

    @Override
    public ExecutionStatus configure(LoggerContext logging) {
        if (hasFile()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY; // which reads it
        }
        Encoder<ILoggingEvent> encoder =
                JSON.equals(System.getProperty(FORMAT)) ? new JsonLogEncoder() : new TextLogEncoder();
        encoder.setContext(logging);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(logging);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        logging.getLogger("io.netty").setLevel(Level.WARN);
        logging.getLogger("io.grpc").setLevel(Level.WARN);
        Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level(), Level.INFO));
        root.addAppender(console);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static boolean hasFile() {
        return System.getProperty("logback.configurationFile") != null
                || Logging.class.getClassLoader().getResource("logback-test.xml") != null;
    }

    private static @Nullable String level() {
        String property = System.getProperty(LEVEL);
        return property == null ? System.getenv("SKYWIRE_LOG_LEVEL") : property;
    }
}
