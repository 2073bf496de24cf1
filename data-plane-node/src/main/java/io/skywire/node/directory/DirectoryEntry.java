package io.skywire.node.directory;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What a key says of itself in the messaging discovery: at which servers it waits, or that it is one. Immutable.
///
/// @param sequence grows with each document of the key
/// @param timestamp nanoseconds since 1970
/// @param client the servers at which a client waits
/// @param server where a server listens and what room it has
/// @param signature 130 hex digits; empty before it is signed
public record DirectoryEntry(
        long sequence,
        long timestamp,
        PublicKey key,
        Optional<Client> client,
        Optional<Server> server,
        String signature) {
    private static final String VERSION = "0.0.1";
    private static final int MOST_SERVERS = 128;

    /// @param type `visor` for a node, or empty
    public record Client(List<PublicKey> servers, String type) {
        public Client {
            servers = List.copyOf(servers);
        }
    }

    /// @param address `host:port` for those who dial
    /// @param type what the discovery, not the server, says it is; empty if nothing
    public record Server(String address, long availableSessions, String type) {}

    /// A signed document about what `keys` do.
    static DirectoryEntry sign(KeyPair keys, long sequence, Instant at, EntryContent content) {
        long nanos = at.getEpochSecond() * 1_000_000_000L + at.getNano();
        DirectoryEntry unsigned = switch (content) {
            case EntryContent.OfServer server ->
                new DirectoryEntry(
                        sequence,
                        nanos,
                        keys.publicKey(),
                        Optional.empty(),
                        Optional.of(new Server(server.address(), server.availableSessions(), "")),
                        "");
            case EntryContent.OfClient client ->
                new DirectoryEntry(
                        sequence,
                        nanos,
                        keys.publicKey(),
                        Optional.of(new Client(List.copyOf(client.servers()), client.type())),
                        Optional.empty(),
                        "");
        };
        return new DirectoryEntry(
                unsigned.sequence,
                unsigned.timestamp,
                unsigned.key,
                unsigned.client,
                unsigned.server,
                keys.sign(CanonicalEntry.bytes(unsigned)).hex());
    }

    /// Whether the key itself has signed this. The discovery may say another type of a server than the server signed.
    public boolean isSigned() {
        Signature told;
        try {
            told = Signature.parse(signature);
        } catch (InvalidKeyException none) {
            return false;
        }
        Set<String> types = new LinkedHashSet<>();
        server.ifPresent(served -> types.add(served.type()));
        types.addAll(List.of("", "community", "official"));
        return types.stream().anyMatch(type -> key.verifies(told, CanonicalEntry.bytes(withServerType(type))));
    }

    private DirectoryEntry withServerType(String type) {
        return new DirectoryEntry(
                sequence,
                timestamp,
                key,
                client,
                server.map(served -> new Server(served.address(), served.availableSessions(), type)),
                signature);
    }

    /// The document as it is sent.
    String json() {
        return CanonicalEntry.document(this);
    }

    /// @throws DirectoryException if this is no entry of the version that is known here
    static DirectoryEntry of(JsonNode document) throws DirectoryException {
        try {
            return new DirectoryEntry(
                    document.path("sequence").bigIntegerValue().longValueExact(),
                    document.path("timestamp").longValue(),
                    PublicKey.parse(document.path("static").asString("")),
                    client(document),
                    server(document.path("server")),
                    document.path("signature").asString(""));
        } catch (RuntimeException noEntry) {
            throw new DirectoryException(
                    DirectoryException.Kind.NONSENSE,
                    "the messaging discovery served something that is no entry: " + noEntry.getMessage());
        }
    }

    private static Optional<Client> client(JsonNode document) {
        JsonNode client = document.path("client");
        if (!client.isObject()) {
            return Optional.empty();
        }
        List<PublicKey> servers = new ArrayList<>();
        for (JsonNode server : client.path("delegated_servers")) {
            if (servers.size() == MOST_SERVERS) {
                throw new IllegalArgumentException("more than " + MOST_SERVERS + " delegated servers");
            }
            servers.add(PublicKey.parse(server.asString("")));
        }
        return Optional.of(new Client(servers, document.path("client_type").asString("")));
    }

    private static Optional<Server> server(JsonNode server) {
        if (!server.isObject()) {
            return Optional.empty();
        }
        return Optional.of(new Server(
                server.path("address").asString(""),
                server.path("availableSessions").longValue(),
                server.path("serverType").asString("")));
    }

    static String version() {
        return VERSION;
    }
}
