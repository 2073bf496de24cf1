package io.skywire.control.setup;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/// The log of a setup's hops, for who asked for `debug`: which revision of which node carries its rules, and when each
/// has them. With these lines a relay's own log, which names no route, is brought together with the route.
final class SetupLog {
    private static final Logger LOG = LoggerFactory.getLogger(SetupLog.class);

    private SetupLog() {}

    static void step(RouteSetup before, SetupEvent event, RouteSetup after) {
        if (!LOG.isDebugEnabled()) {
            return;
        }
        if (event instanceof SetupEvent.Installed installed
                && after.state() instanceof SetupState.Installing installing) {
            Placement placement = installing.plan().placement();
            installed
                    .revisions()
                    .forEach((node, revision) -> line(before, placement)
                            .addKeyValue("node", node.shortHex())
                            .addKeyValue("hop", placement.placeOf(node))
                            .addKeyValue("revision", revision)
                            .log("rules are on their way"));
        } else if (event instanceof SetupEvent.Acknowledged ack
                && before.state() instanceof SetupState.Installing installing
                && before.state() != after.state()) {
            Placement placement = installing.plan().placement();
            line(before, placement)
                    .addKeyValue("node", ack.node().shortHex())
                    .addKeyValue("hop", placement.placeOf(ack.node()))
                    .addKeyValue("revision", ack.revision())
                    .log("rules are installed");
        }
    }

    private static LoggingEventBuilder line(RouteSetup setup, Placement placement) {
        return LOG.atLevel(Level.DEBUG)
                .addKeyValue("request_id", setup.request().id())
                .addKeyValue("route_id", placement.route());
    }
}
