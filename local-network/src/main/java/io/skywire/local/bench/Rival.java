package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.RunHome;
import io.skywire.local.hosts.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Another overlay network on the hosts of a [HostRow], each daemon joined to its neighbours only.
///
/// @param address of the destination in it
record Rival(String name, String version, String address, List<ChildProcess> daemons) {
    private static final int YGGDRASIL_PORT = 9_001;
    private static final String TINC_NETWORK = "10.88.0.";
    private static final Duration STARTED = Duration.ofSeconds(30);
    private static final Duration TOLD = Duration.ofSeconds(60);
    private static final Duration JOINED = Duration.ofSeconds(150);

    /// yggdrasil over TCP links, with the settings that it generates: MTU 65535.
    static Rival yggdrasil(
            DebianPackage yggdrasil, Path program, HostRow hosts, RunHome home, List<ChildProcess> children) {
        List<ChildProcess> daemons = new ArrayList<>();
        String address = "";
        for (int host = hosts.last(); host >= 0; host--) { // who is dialled first
            JsonMapper json = new JsonMapper();
            ObjectNode config = (ObjectNode) json.readTree(told(List.of(program.toString(), "-genconf", "-json")));
            config.set("Listen", json.valueToTree(host == 0 ? List.of() : List.of(tcp(hosts.address(host)))));
            config.set(
                    "Peers",
                    json.valueToTree(host == hosts.last() ? List.of() : List.of(tcp(hosts.address(host + 1)))));
            config.set("MulticastInterfaces", json.valueToTree(List.of()));
            config.put("AdminListen", "none");
            config.put("IfName", "ygg0");
            Path file = home.scratch().resolve("yggdrasil" + host + ".json");
            write(file, json.writeValueAsString(config), "rw-------");
            List<String> command = new ArrayList<>(hosts.on(host));
            command.addAll(List.of(program.toString(), "-useconffile", file.toString()));
            ChildProcess daemon = ChildProcess.start("yggdrasil" + host, command, home);
            children.add(daemon);
            daemons.addFirst(daemon);
            String said = Lines.await(daemon, line -> line.contains("Your IPv6 address is "), STARTED);
            if (host == hosts.last()) {
                address = said.replaceAll(".*Your IPv6 address is ", "").strip();
            }
        }
        return new Rival("yggdrasil", yggdrasil.version(), address, daemons).joined(hosts);
    }

    private static String tcp(String address) {
        return "tcp://" + address + ":" + YGGDRASIL_PORT;
    }

    /// tinc 1.0 with its own defaults. The hosts that cannot reach each other say so (`IndirectData`), so that data go
    /// from neighbour to neighbour over UDP, as tinc's manual has it.
    static Rival tinc(DebianPackage tinc, Path program, HostRow hosts, RunHome home, List<ChildProcess> children) {
        List<Path> directories = new ArrayList<>();
        List<String> own = new ArrayList<>();
        for (int host = 0; host <= hosts.last(); host++) {
            Path directory = home.scratch().resolve("tinc" + host);
            directories.add(directory);
            write(
                    directory.resolve("tinc.conf"),
                    """
                    Name = host%d
                    AddressFamily = ipv4
                    DeviceType = tun
                    Interface = tinc0
                    %s
                    """.formatted(host, host == hosts.last() ? "" : "ConnectTo = host" + (host + 1)),
                    "rw-------");
            write(directory.resolve("tinc-up"), """
                    #!/bin/sh
                    ip link set "$INTERFACE" up
                    ip address add %s%d/24 dev "$INTERFACE"
                    """.formatted(TINC_NETWORK, host + 1), "rwx------");
            Path self = directory.resolve("hosts").resolve("host" + host);
            write(
                    self,
                    """
                    %s
                    Subnet = %s%d/32
                    IndirectData = yes
                    """.formatted(host == 0 ? "" : "Address = " + hosts.address(host), TINC_NETWORK, host + 1),
                    "rw-------");
            var unused = told(List.of(program.toString(), "--config", directory.toString(), "--generate-keys=2048"));
            own.add(read(self));
        }
        List<ChildProcess> daemons = new ArrayList<>();
        for (int host = hosts.last(); host >= 0; host--) {
            Path directory = directories.get(host);
            for (int other = 0; other < own.size(); other++) {
                write(directory.resolve("hosts").resolve("host" + other), own.get(other), "rw-------");
            }
            List<String> command = new ArrayList<>(hosts.on(host));
            command.addAll(List.of(
                    program.toString(),
                    "--config",
                    directory.toString(),
                    "--no-detach",
                    "--pidfile",
                    directory.resolve("pid").toString()));
            ChildProcess daemon = ChildProcess.start("tinc" + host, command, home);
            children.add(daemon);
            daemons.addFirst(daemon);
            Lines.await(daemon, line -> line.contains("Ready"), STARTED);
        }
        return new Rival("tinc", tinc.version(), TINC_NETWORK + (hosts.last() + 1), daemons).joined(hosts);
    }

    /// Returns when the destination's echo answers through it.
    private Rival joined(HostRow hosts) {
        boolean reached = Patience.until(JOINED, () -> {
            daemons.forEach(ChildProcess::requireAlive);
            return Namespaces.inside(hosts.source(), () -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(InetAddress.getByName(address), NodeRow.ECHO), 2_000);
                    return true;
                } catch (IOException notYet) {
                    return false;
                }
            });
        });
        if (!reached) {
            throw new NetworkFailure(name + " does not join the hosts within " + JOINED.toSeconds() + " s");
        }
        return this;
    }

    private static String told(List<String> command) {
        ChildProcess.Outcome outcome = ChildProcess.run(command, Path.of("/"), TOLD);
        if (!outcome.succeeded()) {
            throw new NetworkFailure(
                    Map.of("command", command, "said", outcome.said()).toString());
        }
        return outcome.out();
    }

    private static void write(Path file, String text, String rights) {
        try {
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
