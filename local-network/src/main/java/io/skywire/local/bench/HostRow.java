package io.skywire.local.bench;

import io.skywire.local.MachineLacks;
import io.skywire.local.hosts.LongCable;
import io.skywire.local.hosts.Namespaces;
import java.util.ArrayList;
import java.util.List;

/// Hosts of their own in a row, each with one cable to the next: a source, intermediaries, a destination. Nothing leads
/// past an intermediary: the kernel forwards nothing.
/// ```
///   source 10.77.0.1 ── 10.77.0.2 relay1 10.77.1.1 ── 10.77.1.2 relay2 … destination
/// ```
final class HostRow implements AutoCloseable {
    private final Namespaces namespaces;
    private final List<String> hosts = new ArrayList<>();
    private final List<LongCable> cables = new ArrayList<>();

    private HostRow(Namespaces namespaces, int intermediaries) {
        this.namespaces = namespaces;
        hosts.add(namespaces.add("source"));
        for (int i = 1; i <= intermediaries; i++) {
            hosts.add(namespaces.add("relay" + i));
        }
        hosts.add(namespaces.add("destination"));
    }

    /// With virtual cables as fast as the machine.
    ///
    /// @throws MachineLacks if this machine cannot have such hosts
    static HostRow near(String tag, int intermediaries) {
        HostRow row = open(tag, intermediaries);
        for (int i = 1; i < row.hosts.size(); i++) {
            row.namespaces.cable(
                    row.host(i - 1), "next", before(i) + "/30", row.host(i), "before", row.address(i) + "/30");
        }
        return row;
    }

    /// With long cables, each with losses of its own.
    ///
    /// @throws MachineLacks if this machine cannot have such hosts
    static HostRow far(String tag, int intermediaries, LongCable.Properties properties) {
        HostRow row = open(tag, intermediaries);
        try {
            for (int i = 1; i < row.hosts.size(); i++) {
                row.cables.add(row.namespaces.longCable(
                        properties.withSeed(properties.seed() + i),
                        row.host(i - 1),
                        "next",
                        before(i),
                        row.host(i),
                        "before",
                        row.address(i)));
            }
            return row;
        } catch (RuntimeException failure) {
            row.close();
            throw failure;
        }
    }

    private static HostRow open(String tag, int intermediaries) {
        Namespaces.whyNot().ifPresent(why -> {
            throw new MachineLacks(why);
        });
        return new HostRow(Namespaces.open(tag), intermediaries);
    }

    private static String before(int host) {
        return "10.77." + (host - 1) + ".1";
    }

    /// At which a host, but the source, is reached by the one before it.
    String address(int host) {
        return "10.77." + (host - 1) + ".2";
    }

    String host(int number) {
        return hosts.get(number);
    }

    String source() {
        return hosts.getFirst();
    }

    String destination() {
        return hosts.getLast();
    }

    /// The number of the destination.
    int last() {
        return hosts.size() - 1;
    }

    Namespaces namespaces() {
        return namespaces;
    }

    /// What puts a command on that host.
    List<String> on(int host) {
        return Namespaces.in(host(host), List.of());
    }

    /// What TCP does about congestion between neighbours, unless a program asks for something else; as `cubic`.
    void congestionControl(String name) {
        for (int i = 1; i < hosts.size(); i++) {
            namespaces.congestionControl(host(i - 1), "next", before(i), address(i), name);
            namespaces.congestionControl(host(i), "before", address(i), before(i), name);
        }
    }

    /// What became of the packets on all its long cables.
    LongCable.Counts counts() {
        long passed = 0;
        long lost = 0;
        long dropped = 0;
        for (LongCable cable : cables) {
            LongCable.Counts counts = cable.counts();
            passed += counts.passed();
            lost += counts.lost();
            dropped += counts.dropped();
        }
        return new LongCable.Counts(passed, lost, dropped);
    }

    /// Ends what runs on the hosts.
    @Override
    public void close() {
        namespaces.close();
        cables.forEach(LongCable::close);
    }
}
