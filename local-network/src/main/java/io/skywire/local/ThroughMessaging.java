package io.skywire.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/// The scenario `messaging`: n1 cannot dial n5, so a file travels through a messaging server that cannot read it;
/// then a direct way opens, and a transfer that runs moves there.
///
/// Each step asks the processes what they did and believes nothing else; the first that does not hold ends the run,
/// because those after it would say nothing.
final class ThroughMessaging {
    private static final String SOURCE = "n1";
    private static final String DESTINATION = LocalNetwork.SERVER;
    private static final int MARKER = 32;
    private static final Duration ROUTABLE = Duration.ofSeconds(30);
    private static final Duration FETCH = Duration.ofMinutes(5);
    private static final Duration UPGRADE = Duration.ofSeconds(90);
    private static final Duration SEARCH = Duration.ofSeconds(10);

    private final LocalNetwork network;
    private final Curl curl;
    private final RandomGenerator random;
    private final long bytes;
    private final byte[] marker = new byte[MARKER];
    private final ThroughMessagingResult result = new ThroughMessagingResult();

    ThroughMessaging(LocalNetwork network, Curl curl, RandomGenerator random, long bytes) {
        this.network = network;
        this.curl = curl;
        this.random = random;
        this.bytes = bytes;
    }

    /// Runs over a network of [Shape#apartAndBlocked], already started, whose [LocalNetwork#SERVER] publishes the web
    /// server.
    ThroughMessagingResult run(Progress progress) {
        try {
            random.nextBytes(marker);
            RandomFile file = RandomFile.write(network.web().directory().resolve("large.bin"), bytes, marker, random);
            progress.step("fetch " + bytes + " bytes through a messaging server", () -> fetchSealed(file));
            progress.step("a direct way opens while a transfer runs", () -> upgrade(file));
            progress.step("how rules are pulled", this::lookAtRules);
        } catch (NetworkFailure failure) {
            result.failed(String.valueOf(failure.getMessage()));
        }
        return result;
    }

    private void fetchSealed(RandomFile file) {
        List<Tap> taps =
                network.servers().stream().map(MessagingServerProcess::tap).toList();
        taps.forEach(tap -> tap.lookFor(marker));
        long before = taps.stream().mapToLong(Tap::bytes).sum();
        Curl.Fetch.Fetched fetched = fetch(file);
        // Each byte passes twice: from n5 to the server, and from there to n1.
        long relayed = (taps.stream().mapToLong(Tap::bytes).sum() - before) / 2;
        result.transferred(fetched);
        result.relayed(relayed, taps.stream().anyMatch(Tap::hasSeen));
        int direct = types().values().stream()
                .mapToInt(kinds -> kinds.contains("tcp") ? 1 : 0)
                .sum();
        result.directLinks(direct);
        if (direct != 0) {
            throw new NetworkFailure("the two nodes are linked directly: " + types());
        }
        if (!result.isSealed()) {
            throw new NetworkFailure("the messaging servers passed " + relayed
                    + " bytes on, and saw plaintext or less than" + " what arrived");
        }
        searchServers();
    }

    /// The servers' memory, now. Whether a search finds anything at all is seen at the node that unseals the file.
    private void searchServers() {
        for (MessagingServerProcess server : network.servers()) {
            switch (ProcessMemory.search(server.child().pid(), marker, SEARCH)) {
                case ProcessMemory.Search.Nowhere nowhere -> result.searched(nowhere);
                case ProcessMemory.Search.Found found -> {
                    result.foundInMemory();
                    throw new NetworkFailure("messaging server " + server.key().shortHex()
                            + " has plaintext of the transfer in " + found.where());
                }
                case ProcessMemory.Search.Unknown unknown ->
                    throw new NetworkFailure("the memory of messaging server "
                            + server.key().shortHex() + " could not be searched: " + unknown.why());
            }
        }
    }

    private void searchWhereItMustBe() {
        switch (ProcessMemory.search(network.node(SOURCE).child().pid(), marker, SEARCH)) {
            case ProcessMemory.Search.Found found -> {} // as it must be
            case ProcessMemory.Search.Nowhere nowhere -> {
                if (nowhere.extent() == ProcessMemory.Extent.ALL_IT_CAN_WRITE_TO) {
                    throw new NetworkFailure("searching memory finds nothing even at " + SOURCE
                            + ", which unseals the transfer: the search is worth nothing");
                }
            }
            case ProcessMemory.Search.Unknown unknown ->
                throw new NetworkFailure("the memory of " + SOURCE + " could not be searched: " + unknown.why());
        }
    }

    /// The transfer stops in the middle until the direct link has taken over; the other half comes through that.
    private void upgrade(RandomFile file) {
        String host = network.node(DESTINATION).key().base32() + ".sky";
        try (HeldFetch transfer = new HeldFetch(
                network.node(SOURCE).config().ports().socks(),
                host,
                LocalNetwork.WEB_PORT,
                "/" + file.path().getFileName(),
                FETCH)) {
            transfer.read(file.bytes() / 2);
            searchServers();
            searchWhereItMustBe();
            network.wayTo(DESTINATION).open();
            if (!Patience.until(UPGRADE, () -> types().values().stream().allMatch(Set.of("tcp")::equals))) {
                throw new NetworkFailure(
                        "after " + UPGRADE.toSeconds() + " s the links are " + types() + " and not direct");
            }
            String sha256 = transfer.finish();
            if (!sha256.equals(file.sha256())) {
                throw new NetworkFailure("the transfer that moved differs: " + transfer.bytes() + " bytes with SHA-256 "
                        + sha256 + " instead of " + file.bytes() + " with " + file.sha256());
            }
        }
        result.upgraded();
    }

    private void lookAtRules() {
        Set<String> ways = new HashSet<>();
        network.ask("status")
                .values()
                .forEach(status -> ways.add(status.path("rules_pulled").asString("")));
        result.rulesPulledBy(ways);
        if (!ways.contains("messaging")) {
            throw new NetworkFailure("no node pulls its rules through messaging: " + ways);
        }
    }

    /// The kinds of transports that are up, by node.
    private Map<String, Set<String>> types() {
        Map<String, Set<String>> types = new LinkedHashMap<>();
        network.ask("transports").forEach((name, transports) -> {
            Set<String> kinds = new HashSet<>();
            for (JsonNode transport : transports) {
                kinds.add(transport.path("type").asString(""));
            }
            types.put(name, kinds);
        });
        return types;
    }

    /// Fetches and compares. A route may be refused at first, until both ends' reports have reached the control plane.
    private Curl.Fetch.Fetched fetch(RandomFile file) {
        Path target = network.state().root().resolve("fetched-" + file.path().getFileName());
        String url = "http://" + network.node(DESTINATION).key().base32() + ".sky:" + LocalNetwork.WEB_PORT + "/"
                + file.path().getFileName();
        long deadline = System.nanoTime() + ROUTABLE.toNanos();
        while (true) {
            switch (curl.fetch(network.node(SOURCE).config().ports().socks(), url, target, FETCH)) {
                case Curl.Fetch.Fetched fetched -> {
                    String sha256 = RandomFile.sha256(target);
                    if (!sha256.equals(file.sha256())) {
                        throw new NetworkFailure("the fetched file differs: " + fetched.bytes() + " bytes with SHA-256 "
                                + sha256 + " instead of " + file.bytes() + " with " + file.sha256());
                    }
                    return fetched;
                }
                case Curl.Fetch.Refused refused -> {
                    if (System.nanoTime() - deadline >= 0) {
                        throw new NetworkFailure("the SOCKS door of " + SOURCE + " refused: " + refused.why());
                    }
                }
                case Curl.Fetch.Failed failed -> throw new NetworkFailure(failed.why());
            }
        }
    }
}
