package io.skywire.node.cli;

import io.skywire.node.api.LinkState;
import io.skywire.node.api.StatusView;
import io.skywire.node.api.TransportView;
import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Judges what a running node says of itself. Pure; the checks come in the order of a node's start.
final class Checkup {
    private static final Duration CLOCK_NOTICED = Duration.ofSeconds(5);
    private static final Duration CLOCK_WRONG = Duration.ofMinutes(5);

    private final List<Check> checks = new ArrayList<>();

    enum Outcome {
        OK,
        /// Works, but an operator may want to know.
        WARN,
        FAIL
    }

    /// @param means what was found
    /// @param todo what to do about it; empty: nothing
    record Check(String name, Outcome outcome, String means, String todo) {}

    void ok(String name, String means) {
        checks.add(new Check(name, Outcome.OK, means, ""));
    }

    void warn(String name, String means, String todo) {
        checks.add(new Check(name, Outcome.WARN, means, todo));
    }

    void fail(String name, String means, String todo) {
        checks.add(new Check(name, Outcome.FAIL, means, todo));
    }

    List<Check> checks() {
        return List.copyOf(checks);
    }

    boolean isWell() {
        return checks.stream().noneMatch(check -> check.outcome() == Outcome.FAIL);
    }

    /// Everything but the config, which was read before, and route probes, which take a while.
    void judge(NodeConfig config, StatusView status, List<TransportView> transports, String version) {
        versions(status, version);
        controlPlane(status.controlPlane());
        clock(status.controlPlane());
        reachability(config, status);
        messaging(config, status);
        links(status, transports);
    }

    private void versions(StatusView status, String version) {
        if (status.version().equals(version)) {
            ok("version", version);
        } else {
            warn(
                    "version",
                    "the node runs " + status.version() + ", this command is " + version,
                    "restart the node so that it runs what is installed");
        }
    }

    private void controlPlane(StatusView.ControlPlane plane) {
        if (plane.connectedTo().isPresent()) {
            ok("control plane", "connected to " + plane.connectedTo().get());
        } else {
            fail(
                    "control plane",
                    "no session"
                            + plane.lastError()
                                    .map(error -> "; last error: " + error)
                                    .orElse(""),
                    "check control_planes, service_keys and the way there; routes that work go on working");
        }
    }

    private void clock(StatusView.ControlPlane plane) {
        Optional<Duration> offset = plane.clockOffset();
        if (offset.isEmpty()) {
            warn("clock", "no control plane has told its time", "nothing, if the clock of this machine is set by NTP");
            return;
        }
        Duration away = offset.get().abs();
        String means = "the control plane's clock is " + Readable.millis(away)
                + (offset.get().isNegative() ? " behind" : " ahead");
        if (away.compareTo(CLOCK_NOTICED) <= 0) {
            ok("clock", means);
        } else if (away.compareTo(CLOCK_WRONG) <= 0) {
            warn("clock", means, "set the clock of this machine, best by NTP");
        } else {
            fail("clock", means, "set the clock of this machine: signed entries with a wrong time are refused");
        }
    }

    private void reachability(NodeConfig config, StatusView status) {
        StatusView.Reachability reachability = status.reachability();
        String means = TextViews.reachable(reachability);
        switch (reachability.state()) {
            case YES -> ok("reachable", means);
            case NO ->
                warn(
                        "reachable",
                        means,
                        config.messaging().isPresent()
                                ? "nothing: links go through messaging servers; for direct ones let the port through"
                                : "let the port of `listen` through, or add a `messaging` section");
            case UNKNOWN -> warn("reachable", means, "wait for a session with a control plane that dials back");
        }
        for (StatusView.DialledBack address : reachability.addresses()) {
            String name = "address " + address.asked();
            String found = lower(address.outcome())
                    + address.dialled().map(target -> " at " + target).orElse("") + ": " + address.detail();
            switch (address.outcome()) {
                case REACHABLE -> ok(name, found);
                case OTHER_KEY ->
                    fail(name, found, "another program answers there: correct `listen`, `announce` or the forwarding");
                case REFUSED, TIMED_OUT ->
                    warn(name, found, "open the port in the firewall, or forward it in the router");
                case FORBIDDEN -> warn(name, found, "connect to the control plane from a public address");
                case BUSY -> warn(name, found, "wait: the node asks again by itself");
            }
        }
    }

    private void messaging(NodeConfig config, StatusView status) {
        if (config.messaging().isEmpty() || status.messaging().isEmpty()) {
            ok("messaging", "not configured");
            return;
        }
        StatusView.Messaging messaging = status.messaging().get();
        long up = messaging.servers().stream()
                .filter(server -> server.state() == StatusView.ServerState.UP)
                .count();
        int wanted = config.messaging().get().servers();
        String means = up + " of " + Readable.count(wanted, "server") + " connected";
        if (up == 0) {
            fail("messaging", means, "check messaging.discovery and the way to its servers");
        } else if (up < wanted) {
            warn("messaging", means, "nothing, if the network has no more servers");
        } else {
            ok("messaging", means);
        }
        messaging.problems().forEach(problem -> warn("messaging", problem, "see docs/protocol/messaging.md"));
    }

    private void links(StatusView status, List<TransportView> transports) {
        Map<String, Long> byType = transports.stream()
                .collect(Collectors.groupingBy(TransportView::type, TreeMap::new, Collectors.counting()));
        ok(
                "links",
                byType.isEmpty()
                        ? "none up"
                        : byType.entrySet().stream()
                                .map(type -> type.getValue() + " " + type.getKey())
                                .collect(Collectors.joining(", ")));
        List<PublicKey> linked = transports.stream().map(TransportView::remote).toList();
        for (StatusView.Link link : status.links()) {
            if (link.state() != LinkState.UP && !linked.contains(link.peer())) {
                fail(
                        "link to " + link.peer().shortHex(),
                        lower(link.state()) + " at " + link.address()
                                + link.lastFailure()
                                        .map(failure -> ": " + failure)
                                        .orElse(""),
                        "check that the neighbour runs and listens there; without a way, link through messaging");
            }
        }
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
