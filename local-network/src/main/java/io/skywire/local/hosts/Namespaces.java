package io.skywire.local.hosts;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The network namespaces of one run: hosts with addresses, routes and a packet filter of their own, joined by
/// virtual cables. All are called `sky-PID-TAG-NAME`. [#close] ends what runs in them and removes them; those of a
/// process that is gone are removed by the next [#open], and by a hook when this one ends in the middle. For one
/// thread, but for [#close].
public final class Namespaces implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Pattern OURS = Pattern.compile("sky-(\\d+)-\\S+");
    private static final List<String> FORBIDDEN = List.of(
            "Operation not permitted",
            "Permission denied",
            "Operation not supported",
            "Protocol not supported",
            "Unknown device type",
            "Read-only file system",
            "Function not implemented",
            "Could not process rule");

    private final String prefix;
    private final List<String> made = new ArrayList<>();
    private final Thread hook = new Thread(this::removeAll, "removes-namespaces");

    private Namespaces(String prefix) {
        this.prefix = prefix;
    }

    /// Removes what dead processes left behind.
    ///
    /// @param tag tells apart the runs of this process
    public static Namespaces open(String tag) {
        sweep();
        Namespaces namespaces = new Namespaces("sky-" + ProcessHandle.current().pid() + "-" + tag + "-");
        Runtime.getRuntime().addShutdownHook(namespaces.hook);
        return namespaces;
    }

    /// Why this machine cannot have such hosts: what its kernel or its user's rights forbid. Tries it out.
    ///
    /// @throws io.skywire.local.MachineLacks if only a program is missing
    public static Optional<String> whyNot() {
        ip();
        nft();
        try (Namespaces probe = open("probe")) {
            String near = probe.add("near");
            String far = probe.add("far");
            probe.cable(near, "wan", "198.51.100.2/30", far, "wan", "198.51.100.1/30");
            probe.forward(near);
            probe.masquerade(near, "wan");
            probe.countForwarded(far);
            return Optional.empty();
        } catch (Refused refused) {
            if (FORBIDDEN.stream().anyMatch(refused.said::contains)) {
                return Optional.of("network namespaces cannot be had here: " + refused.getMessage());
            }
            throw refused;
        }
    }

    /// A command for the machine was refused.
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String said;

        Refused(List<String> command, Machine.Outcome outcome) {
            super("'" + String.join(" ", command) + "' says: " + outcome.err());
            said = outcome.err();
        }
    }

    /// A new host without any cable; returns the namespace's name.
    public String add(String name) {
        String namespace = prefix + name;
        synchronized (made) {
            made.add(namespace);
        }
        run(List.of(ip(), "netns", "add", namespace));
        ip("-n", namespace, "link", "set", "lo", "up");
        return namespace;
    }

    /// A cable between two hosts.
    public void cable(String one, String plug, String address, String other, String otherPlug, String otherAddress) {
        ip("link", "add", plug, "netns", one, "type", "veth", "peer", "name", otherPlug, "netns", other);
        ip("-n", one, "address", "add", address, "dev", plug);
        ip("-n", other, "address", "add", otherAddress, "dev", otherPlug);
        ip("-n", one, "link", "set", plug, "up");
        ip("-n", other, "link", "set", otherPlug, "up");
    }

    /// A cable with delay, loss and a rate of its own between two hosts.
    ///
    /// @param address of one end, without its network's length
    /// @throws io.skywire.local.MachineLacks if the kernel has no such devices
    public LongCable longCable(
            LongCable.Properties properties,
            String one,
            String plug,
            String address,
            String other,
            String otherPlug,
            String otherAddress) {
        LongCable cable = LongCable.plug(
                properties,
                inside(one, () -> Kernel.tunnelEnd(plug)),
                inside(other, () -> Kernel.tunnelEnd(otherPlug)));
        pointToPoint(one, plug, address, otherAddress);
        pointToPoint(other, otherPlug, otherAddress, address);
        return cable;
    }

    private static void pointToPoint(String namespace, String plug, String here, String there) {
        ip("-n", namespace, "address", "add", here, "peer", there, "dev", plug);
        ip(
                "-n",
                namespace,
                "link",
                "set",
                plug,
                "txqueuelen",
                "2000",
                "addrgenmode",
                "none",
                "up"); // no IPv6 of its own
    }

    /// What TCP does about congestion in connections from that host to a neighbour, unless a program asks for something
    /// else; as `cubic`. By the route: the setting of a whole namespace takes unrestricted ones only.
    ///
    /// @param plug the device of that host that leads to the neighbour
    public void congestionControl(String namespace, String plug, String here, String neighbour, String name) {
        ip("-n", namespace, "route", "replace", neighbour + "/32", "dev", plug, "src", here, "congctl", name);
    }

    /// What the connections of that host do about congestion that were made to that port, there or elsewhere: one word
    /// for each, as `bbr`.
    public List<String> congestionControls(String namespace, int port) {
        Set<String> known = Set.of(exec(namespace, "cat", "/proc/sys/net/ipv4/tcp_available_congestion_control")
                .split(" ", -1));
        String told = exec(
                namespace,
                Machine.program("ss", "iproute2"),
                "--no-header",
                "--oneline",
                "--tcp",
                "--info",
                "--numeric",
                "state",
                "established",
                "dport = :%1$d or sport = :%1$d".formatted(port));
        return told.lines()
                .flatMap(line -> Arrays.stream(line.split("\\s+", -1)).filter(known::contains))
                .toList();
    }

    /// Does something on that host in this process, by a thread of its own. Sockets that it opens stay there. It must
    /// start no threads: they would stay there too.
    ///
    /// @throws IllegalStateException if the work fails
    public static <T> T inside(String namespace, Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread.ofPlatform().name("in-" + namespace).daemon().start(() -> {
            try {
                Kernel.enter(Path.of("/run/netns", namespace));
                done.complete(work.call());
            } catch (Throwable failure) {
                done.completeExceptionally(failure);
            }
        });
        try {
            return done.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException told
                    ? told
                    : new IllegalStateException("on host " + namespace, failure.getCause());
        }
    }

    /// One more address of the host itself, as `192.0.2.1/32`.
    public void address(String namespace, String address) {
        ip("-n", namespace, "address", "add", address, "dev", "lo");
    }

    void defaultRoute(String namespace, String gateway) {
        ip("-n", namespace, "route", "add", "default", "via", gateway);
    }

    /// The host becomes a router.
    void forward(String namespace) {
        exec(namespace, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    }

    /// What leaves by `plug` seems to come from that plug's address, as a home router has it; nobody gets in from
    /// there.
    void masquerade(String namespace, String plug) {
        nft(namespace, """
                table ip home {
                    chain leaving {
                        type nat hook postrouting priority 100; policy accept;
                        oifname "%1$s" masquerade
                    }
                    chain passing {
                        type filter hook forward priority 0; policy accept;
                        iifname "%1$s" ct state new drop
                    }
                }
                """.formatted(plug));
    }

    /// From now on a router counts what it forwards; see [#forwarded].
    void countForwarded(String namespace) {
        nft(namespace, """
                table inet watch {
                    counter forwarded { }
                    chain passing {
                        type filter hook forward priority 0; policy accept;
                        counter name forwarded
                    }
                }
                """);
    }

    /// From now on a host counts what a port of its own gets from an address and sends there; see [#exchanged].
    void countExchanged(String namespace, String name, String peer, int port) {
        nft(namespace, """
                table inet watch_%1$s {
                    counter received { }
                    counter sent { }
                    chain arriving {
                        type filter hook input priority 0; policy accept;
                        ip saddr %2$s tcp dport %3$d counter name received
                    }
                    chain leaving {
                        type filter hook output priority 0; policy accept;
                        ip daddr %2$s tcp sport %3$d counter name sent
                    }
                }
                """.formatted(name, peer, port));
    }

    /// Packets that a router has passed on between its cables.
    long forwarded(String namespace) {
        return counter(namespace, "watch", "forwarded").path("packets").asLong(-1);
    }

    /// Bytes, headers included.
    record Exchanged(long received, long sent) {}

    Exchanged exchanged(String namespace, String name) {
        return new Exchanged(
                counter(namespace, "watch_" + name, "received").path("bytes").asLong(-1),
                counter(namespace, "watch_" + name, "sent").path("bytes").asLong(-1));
    }

    private static JsonNode counter(String namespace, String table, String name) {
        String told =
                run(List.of(ip(), "netns", "exec", namespace, nft(), "-j", "list", "counter", "inet", table, name));
        for (JsonNode part : new JsonMapper().readTree(told).path("nftables")) {
            if (part.has("counter")) {
                return part.path("counter");
            }
        }
        throw new IllegalStateException("no counter in " + told);
    }

    /// Bytes that have come in by a plug.
    static long received(String namespace, String plug) {
        String told = run(List.of(ip(), "-n", namespace, "-s", "-j", "link", "show", plug));
        return new JsonMapper()
                .readTree(told)
                .path(0)
                .path("stats64")
                .path("rx")
                .path("bytes")
                .asLong(-1);
    }

    /// A command line that runs `command` on that host.
    public static List<String> in(String namespace, List<String> command) {
        List<String> line = new ArrayList<>(List.of(ip(), "netns", "exec", namespace));
        line.addAll(command);
        return line;
    }

    /// The namespaces of this machine that bear this process's names.
    static List<String> ofThisProcess() {
        return all().stream()
                .filter(name -> name.startsWith("sky-" + ProcessHandle.current().pid() + "-"))
                .toList();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            return; // the hook is at work
        }
        removeAll();
    }

    private void removeAll() {
        synchronized (made) {
            made.forEach(Namespaces::remove);
            made.clear();
        }
    }

    private static void sweep() {
        for (String name : all()) {
            Matcher ours = OURS.matcher(name);
            if (ours.matches()
                    && ProcessHandle.of(Long.parseLong(ours.group(1))).isEmpty()) {
                remove(name);
            }
        }
    }

    private static List<String> all() {
        // Each line is a name, perhaps with an id behind it.
        return run(List.of(ip(), "netns", "list"))
                .lines()
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }

    /// As far as that goes: the next [#open] tries again.
    private static void remove(String namespace) {
        Machine.run(List.of(ip(), "netns", "pids", namespace), LIMIT)
                .out()
                .lines()
                .forEach(
                        pid -> ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly));
        Machine.run(List.of(ip(), "netns", "delete", namespace), LIMIT);
    }

    private static String exec(String namespace, String... command) {
        return run(in(namespace, List.of(command)));
    }

    private static void nft(String namespace, String rules) {
        exec(namespace, nft(), rules);
    }

    private static void ip(String... arguments) {
        List<String> line = new ArrayList<>(List.of(ip()));
        line.addAll(Arrays.asList(arguments));
        run(line);
    }

    private static String run(List<String> command) {
        Machine.Outcome outcome = Machine.run(command, LIMIT);
        if (!outcome.succeeded()) {
            throw new Refused(command, outcome);
        }
        return outcome.out();
    }

    private static String ip() {
        return Machine.program("ip", "iproute2");
    }

    private static String nft() {
        return Machine.program("nft", "nftables");
    }
}
