package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The configuration that a local network writes for one node. Ports are of 127.0.0.1.
///
/// @param controlPlanePorts where the replicas listen, in the order in which they are tried
/// @param gateways to the control plane, for when its port cannot be reached
/// @param links the peers this node dials, and the port at which each listens
/// @param discovery where the messaging servers are told of; none: the node uses none
/// @param published network port to local port
record NodeConfig(
        String name,
        Path directory,
        PublicKey key,
        Ports ports,
        List<Integer> controlPlanePorts,
        PublicKey serviceKey,
        PublicKey setupKey,
        List<PublicKey> gateways,
        Map<PublicKey, Integer> links,
        Optional<URI> discovery,
        Map<Integer, Integer> published,
        Map<String, PublicKey> aliases) {
    /// A kernel's limit for the path of a Unix socket is 107 bytes.
    private static final int LONGEST_SOCKET_PATH = 100;

    /// The doors of one node.
    record Ports(int listen, int socks, int httpConnect, int metrics) {}

    Path file() {
        return directory.resolve("node.yaml");
    }

    /// Writes `node.yaml` anew; the key file and the state beside it stay.
    NodeConfig write() {
        return write(Map.of());
    }

    /// With these keys beside the usual ones.
    NodeConfig write(Map<String, Object> further) {
        Map<String, Object> yaml = new LinkedHashMap<>();
        yaml.put("key_file", "node.key");
        yaml.put("state_dir", "state");
        yaml.put("listen", loopback(ports.listen()));
        yaml.put(
                "control_planes",
                controlPlanePorts.stream()
                        .map(port -> ordered("address", loopback(port), "tls", "off"))
                        .toList());
        yaml.put("service_keys", List.of(serviceKey.hex()));
        yaml.put("setup_keys", List.of(setupKey.hex()));
        if (!gateways.isEmpty()) {
            yaml.put("gateways", gateways.stream().map(PublicKey::hex).toList());
        }
        yaml.put(
                "transports",
                links.entrySet().stream()
                        .map(link -> ordered("peer", link.getKey().hex(), "address", loopback(link.getValue())))
                        .toList());
        discovery.ifPresent(url -> yaml.put("messaging", Map.of("discovery", url.toString())));
        yaml.put("socks", loopback(ports.socks()));
        yaml.put("http_connect", loopback(ports.httpConnect()));
        yaml.put("metrics", loopback(ports.metrics()));
        yaml.put("api_socket", apiSocket().toString());
        yaml.put("event_loops", 1);
        yaml.put(
                "published",
                published.entrySet().stream()
                        .map(offer -> ordered("port", offer.getKey(), "target", loopback(offer.getValue())))
                        .toList());
        Map<String, String> keys = new LinkedHashMap<>();
        aliases.forEach((alias, key) -> keys.put(alias, key.hex()));
        yaml.put("aliases", keys);
        yaml.putAll(further);
        try {
            Files.createDirectories(directory.resolve("state"));
            Files.createDirectories(
                    parentOf(apiSocket()),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.writeString(
                    file(),
                    "# Written by local-network at every start; see docs/architecture.md.\n"
                            + new YAMLMapper().writeValueAsString(yaml));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return this;
    }

    /// Beside the state, or in the temporary directory where the path would be too long for the kernel.
    Path apiSocket() {
        Path beside = directory.resolve("state").resolve("api.sock");
        if (beside.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET_PATH) {
            return beside;
        }
        String tag = UUID.nameUUIDFromBytes(directory.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
        return Path.of("/tmp", "skywire-" + tag, name + ".sock");
    }

    static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new MachineLacks("cannot make " + directory + ": " + failure);
        }
    }

    static String loopback(int port) {
        return "127.0.0.1:" + port;
    }

    private static Path parentOf(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException(path + " has no parent");
        }
        return parent;
    }

    private static Map<String, Object> ordered(String first, Object one, String second, Object two) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, one);
        map.put(second, two);
        return map;
    }
}
