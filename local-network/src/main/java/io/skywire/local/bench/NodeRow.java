package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Installation;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.RunHome;
import io.skywire.local.hosts.Namespaces;
import io.skywire.local.hosts.WayOut;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Nodes on a [HostRow], one on each host and on the last as many as there are to be sessions: the source forwards to
/// all of them, the others publish an iperf3 server and an echo of their host. They obey a control plane beside the
/// hosts.
///
/// @param nodes from the source to the first destination, then the other destinations
/// @param firstLink the port at which the source dials its neighbour
record NodeRow(HostRow hosts, List<ChildProcess> nodes, int firstLink, List<WayOut> waysOut) implements AutoCloseable {
    static final int IPERF = 5201;
    static final int ECHO = 5007;

    private static final int FORWARDED_IPERF = 6_001;
    private static final int FORWARDED_ECHO = 7_001;
    private static final Duration ROUTABLE = Duration.ofSeconds(90);

    /// The port of the source's loopback that leads to the iperf3 server, through the session with that destination.
    static int iperf(int destination) {
        return FORWARDED_IPERF + destination;
    }

    /// The same for the echo.
    static int echo(int destination) {
        return FORWARDED_ECHO + destination;
    }

    /// Returns when something comes through to every destination.
    ///
    /// @throws NetworkFailure if nothing does
    static NodeRow start(
            HostRow hosts, int destinations, ControlPlaneAlone plane, RunHome home, List<ChildProcess> children) {
        List<WayOut> ways = new ArrayList<>();
        for (int host = 0; host <= hosts.last(); host++) {
            ways.add(WayOut.open(hosts.host(host), plane.agents().getPort()));
        }
        Starter starter = new Starter(
                hosts,
                new BenchNode.Obeys(plane.agents().getPort(), plane.serviceKey(), plane.setupKey()),
                Installation.ofThisProcess(),
                home,
                children);
        List<BenchNode> last = new ArrayList<>();
        for (int i = 0; i < destinations; i++) {
            last.add(starter.start("destination" + i, hosts.last(), """
                    published:
                      - {port: %1$d, target: "127.0.0.1:%1$d"}
                      - {port: %2$d, target: "127.0.0.1:%2$d"}
                    """.formatted(IPERF, ECHO)));
        }
        List<ChildProcess> nodes =
                new ArrayList<>(last.stream().map(BenchNode::process).toList());
        List<BenchNode> next = last;
        for (int host = hosts.last() - 1; host >= 1; host--) {
            next = List.of(starter.start("relay" + host, host, starter.linkedTo(next, host + 1)));
            nodes.addFirst(next.getFirst().process());
        }
        StringBuilder forwards = new StringBuilder(starter.linkedTo(next, 1)).append("forwards:\n");
        for (int i = 0; i < destinations; i++) {
            forwards.append("""
                      - {listen: "127.0.0.1:%1$d", peer: %3$s, port: %4$d}
                      - {listen: "127.0.0.1:%2$d", peer: %3$s, port: %5$d}
                    """.formatted(iperf(i), echo(i), last.get(i).key().hex(), IPERF, ECHO));
        }
        nodes.addFirst(starter.start("source", 0, forwards.toString()).process());
        NodeRow row = new NodeRow(hosts, List.copyOf(nodes), next.getFirst().listen(), List.copyOf(ways));
        for (int i = 0; i < destinations; i++) {
            int port = echo(i);
            if (!Patience.until(ROUTABLE, () -> row.answers(port))) {
                throw new NetworkFailure(
                        "nothing comes through the row of nodes within " + ROUTABLE.toSeconds() + " s");
            }
        }
        return row;
    }

    private boolean answers(int port) {
        return Namespaces.inside(hosts.source(), () -> {
            try {
                Echo.roundTrips(port, Duration.ZERO, Duration.ZERO);
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    private record Starter(
            HostRow hosts,
            BenchNode.Obeys obeys,
            Installation installation,
            RunHome home,
            List<ChildProcess> children) {
        BenchNode start(String name, int host, String more) {
            String address = host == 0 ? "127.0.0.1" : hosts.address(host);
            return BenchNode.start(
                    name,
                    new BenchNode.Place(hosts.on(host), address),
                    obeys,
                    "event_loops: 1\n" + more,
                    installation,
                    home,
                    children);
        }

        String linkedTo(List<BenchNode> nodes, int host) {
            StringBuilder yaml = new StringBuilder("transports:\n");
            for (BenchNode node : nodes) {
                yaml.append("""
                          - {peer: %s, address: "%s:%d"}
                        """.formatted(node.key().hex(), hosts.address(host), node.listen()));
            }
            return yaml.toString();
        }
    }

    @Override
    public void close() {
        waysOut.forEach(WayOut::close);
    }
}
