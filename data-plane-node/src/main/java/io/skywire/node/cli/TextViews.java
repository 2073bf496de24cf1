package io.skywire.node.cli;

import io.skywire.node.api.PublishedView;
import io.skywire.node.api.RouteView;
import io.skywire.node.api.RuleView;
import io.skywire.node.api.SessionView;
import io.skywire.node.api.StatusView;
import io.skywire.node.api.TransportView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What a node's views look like on a terminal.
final class TextViews {
    private final Peers peers;
    private final InstantSource clock;

    TextViews(Peers peers, InstantSource clock) {
        this.peers = peers;
        this.clock = clock;
    }

    String status(StatusView status) {
        StatusView.ControlPlane plane = status.controlPlane();
        StatusView.Counts counts = status.counts();
        StatusView.Doors doors = status.doors();
        Table facts = new Table().left("node", status.node().hex());
        facts.row("name", status.name());
        facts.row("version", status.version());
        facts.row("uptime", Readable.age(status.uptime()) + ", since " + status.started());
        facts.row(
                "control plane",
                plane.connectedTo()
                        .map(address -> "connected "
                                + plane.gateway()
                                        .map(gateway -> "via messaging (gateway " + gateway.hex() + ")")
                                        .orElse("to " + address)
                                + plane.since().map(at -> " for " + since(at)).orElse(""))
                        .orElse("away; routes that work go on working"
                                + plane.lastContactAge()
                                        .map(age -> "; last heard " + Readable.age(age) + " ago")
                                        .orElse("")));
        plane.lastError().ifPresent(error -> facts.row("last error", error));
        facts.row(
                "rules",
                "revision " + plane.appliedRevision() + ", "
                        + plane.appliedRevisionAge()
                                .map(age -> "applied " + Readable.age(age) + " ago")
                                .orElse("nothing applied yet")
                        + ", pulled " + status.rulesPulled());
        StatusView.Kept kept = status.rulesKept();
        if (kept.restoredRevision() > 0) {
            facts.row(
                    "from disk",
                    Readable.count(kept.restored(), "rule") + " of revision " + kept.restoredRevision()
                            + " when it started");
        }
        kept.unsaved().ifPresent(why -> facts.row("problem", "rules are not kept on disk: " + why));
        facts.row("listens at", status.listen().orElse("-"));
        facts.row("reachable", reachable(status.reachability()));
        facts.row("socks", doors.socks().orElse("-"));
        facts.row("http connect", doors.httpConnect().orElse("-"));
        facts.row("metrics", doors.metrics().orElse("-"));
        facts.row("api", doors.apiSocket());
        facts.row(
                "holds",
                Readable.count(counts.transportsUp(), "transport") + ", " + Readable.count(counts.routes(), "route")
                        + ", " + Readable.count(counts.rules(), "rule") + ", "
                        + Readable.count(counts.sessions(), "session"));
        status.messaging().ifPresent(messaging -> {
            facts.row(
                    "messaging",
                    Readable.count(messaging.servers().size(), "server")
                            + (messaging.published().isPresent()
                                    ? ""
                                    : "; the discovery has no entry of this node yet"));
            messaging.problems().forEach(problem -> facts.row("problem", problem));
        });
        return facts.text("")
                + (status.links().isEmpty() ? "" : "\n\n" + links(status.links()))
                + status.messaging()
                        .filter(messaging -> !messaging.servers().isEmpty())
                        .map(messaging -> "\n\n" + servers(messaging.servers()))
                        .orElse("");
    }

    static String reachable(StatusView.Reachability reachability) {
        String text = switch (reachability.state()) {
            case YES -> "yes (" + reachability.address().orElse("-") + ")";
            case NO -> "no (" + reachability.why().orElse("-") + ")";
            case UNKNOWN -> "unknown (" + reachability.why().orElse("-") + ")";
        };
        return text
                + reachability
                        .seen()
                        .map(seen -> "; the control plane sees " + seen)
                        .orElse("");
    }

    private static String servers(List<StatusView.Server> servers) {
        Table table = new Table().left("MESSAGING SERVER", "ADDRESS", "STATE").right("ROUND TRIP");
        for (StatusView.Server server : servers) {
            table.row(
                    server.server().shortHex(),
                    server.address(),
                    lower(server.state()),
                    Readable.millis(server.roundTrip()));
        }
        return table.text("");
    }

    private String links(List<StatusView.Link> links) {
        Table table = new Table().left("LINK TO", "ADDRESS", "STATE", "LAST FAILURE");
        for (StatusView.Link link : links) {
            table.row(
                    peers.show(link.peer()),
                    link.address(),
                    lower(link.state()),
                    link.lastFailure().orElse("-"));
        }
        return table.text("");
    }

    String transports(List<TransportView> transports) {
        Table table = new Table()
                .left("TRANSPORT", "TYPE", "NEIGHBOUR", "ADDRESS", "DIALLED BY", "CIPHER", "AGE")
                .right("ROUND TRIP", "LOSS", "LOAD", "IN", "OUT", "RATE", "DROPPED");
        for (TransportView link : transports) {
            table.row(
                    Readable.shortId(link.id()),
                    link.type(),
                    peers.show(link.remote()),
                    link.address(),
                    lower(link.opener()),
                    link.cipher(),
                    since(link.since()),
                    Readable.millis(link.roundTrip()),
                    Readable.percent(link.loss()),
                    Readable.percent(link.load()),
                    Readable.bytes(link.bytesIn()),
                    Readable.bytes(link.bytesOut()),
                    Readable.bytes(link.throughput()) + "/s",
                    link.packetsDropped());
        }
        return table.text("no transport is up");
    }

    String routes(List<RouteView> routes) {
        Table table = new Table()
                .left("ROUTE", "SESSION", "END", "PEER", "FIRST TRANSPORT", "AGE")
                .right("IN", "OUT");
        for (RouteView route : routes) {
            table.row(
                    Readable.shortId(route.route()),
                    Readable.shortId(route.session()),
                    lower(route.end()),
                    peers.show(route.peer()),
                    Readable.shortId(route.egress()),
                    Readable.age(route.age()),
                    Readable.bytes(route.bytesIn()),
                    Readable.bytes(route.bytesOut()));
        }
        return table.text("no route ends here");
    }

    String rules(List<RuleView> rules) {
        Table table =
                new Table().left("KIND", "FROM", "TO", "PEER", "ROUTE", "IDLE").right("PACKETS", "BYTES");
        for (RuleView rule : rules) {
            switch (rule) {
                case RuleView.Forward forward ->
                    table.row(
                            "forward",
                            "here",
                            place(forward.egress(), forward.egressId()),
                            peers.show(forward.peer()),
                            Readable.shortId(forward.route()),
                            idle(forward.idle(), forward.idleTimeout()),
                            forward.packets(),
                            Readable.bytes(forward.bytes()));
                case RuleView.Relay relay ->
                    table.row(
                            "relay",
                            place(relay.ingress(), relay.ingressId()),
                            place(relay.egress(), relay.egressId()),
                            "-",
                            "-",
                            idle(relay.idle(), relay.idleTimeout()),
                            relay.packets(),
                            Readable.bytes(relay.bytes()));
                case RuleView.Consume consume ->
                    table.row(
                            "consume",
                            place(consume.ingress(), consume.ingressId()),
                            "here",
                            peers.show(consume.peer()),
                            Readable.shortId(consume.route()),
                            idle(consume.idle(), consume.idleTimeout()),
                            consume.packets(),
                            Readable.bytes(consume.bytes()));
            }
        }
        return table.text("no rules");
    }

    String sessions(List<SessionView> sessions) {
        Table table = new Table()
                .left("SESSION", "PEER", "END", "AGE", "PRIMARY", "STANDBY")
                .right("ROUND TRIP", "STREAMS", "IN", "OUT");
        for (SessionView session : sessions) {
            table.row(
                    Readable.shortId(session.session()),
                    peers.show(session.peer()),
                    lower(session.end()),
                    since(session.since()),
                    session.primary().map(Readable::shortId).orElse("-"),
                    session.sharing()
                            .map(route -> Readable.shortId(route) + " in use")
                            .or(() -> session.standby().map(Readable::shortId))
                            .orElse("-"),
                    Readable.millis(session.roundTrip()),
                    session.streams(),
                    Readable.bytes(session.bytesIn()),
                    Readable.bytes(session.bytesOut()));
        }
        return table.text("no sessions");
    }

    String published(List<PublishedView> published) {
        Table table = new Table().right("PORT").left("TARGET", "ALLOWED");
        for (PublishedView offer : published) {
            table.row(
                    switch (offer.protocol()) {
                        case TCP -> String.valueOf(offer.port());
                        case UDP -> offer.port() + "/udp";
                    },
                    offer.target(),
                    offer.allow()
                            .map(keys -> keys.stream().map(peers::show).collect(Collectors.joining(", ")))
                            .orElse("everyone"));
        }
        return table.text("nothing is published");
    }

    private String since(Instant then) {
        return Readable.age(Duration.between(then, clock.instant()));
    }

    private static String place(Object transport, Object routeId) {
        return Readable.shortId(transport) + "/" + routeId;
    }

    private static String idle(Duration idle, Duration timeout) {
        return Readable.age(idle) + " of " + Readable.age(timeout);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
