package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/// The scenario `first-route`: a file travels from a stock web server behind n5 to a stock `curl` beside n1, over three
/// intermediaries, by a route that the control plane set up.
///
/// Each step asks the processes what they did and believes nothing else; the first that does not hold ends the run,
/// because those after it would say nothing.
final class FirstRoute {
    static final int INTERMEDIARIES = 3;

    private static final String SOURCE = "n1";
    private static final String DESTINATION = LocalNetwork.SERVER;
    private static final Set<String> MIDDLES = Set.of("n3", "n6");
    private static final long SECOND_FILE = 4L << 20;
    private static final Duration ROUTABLE = Duration.ofSeconds(30);
    private static final Duration FIRST_FETCH = Duration.ofMinutes(5);
    private static final Duration SECOND_FETCH = Duration.ofMinutes(2);
    private static final Duration TEARDOWN = Duration.ofSeconds(60);
    /// n1 is hop 0, n2 is hop 1.
    private static final int STRANGERS_HOP = 2;

    private final LocalNetwork network;
    private final Curl curl;
    private final RandomGenerator random;
    private final long bytes;
    private final FirstRouteResult result = new FirstRouteResult();

    FirstRoute(LocalNetwork network, Curl curl, RandomGenerator random, long bytes) {
        this.network = network;
        this.curl = curl;
        this.random = random;
        this.bytes = bytes;
    }

    /// Runs over a network of [Shape#twoWays] with the stranger, already started.
    FirstRouteResult run(Progress progress) {
        result.nodes(network.nodes().size());
        try {
            RandomFile large = RandomFile.write(file("large.bin"), bytes, random);
            RandomFile small = RandomFile.write(file("small.bin"), Math.min(bytes, SECOND_FILE), random);
            progress.step("publish port 80 of " + DESTINATION, this::publish);
            progress.step("fetch " + bytes + " bytes with curl", () -> result.transferred(fetch(large, FIRST_FETCH)));
            result.sha256Matched();
            String middle = progress.step("look at the relays", this::inspectRelays);
            progress.step("hang up", () -> hangUp(DESTINATION));
            progress.step("dial by an explicit path", () -> followExplicitPath(middle, small));
            progress.step("hang up", () -> hangUp(DESTINATION));
            progress.step("rules from an unlisted signer", this::refuseUnlistedSigner);
            progress.step("no rule is left", this::awaitTornDown);
        } catch (NetworkFailure failure) {
            result.failed(String.valueOf(failure.getMessage()));
        }
        return result;
    }

    private void publish() {
        require(
                node(DESTINATION)
                        .command(
                                "publish",
                                String.valueOf(LocalNetwork.WEB_PORT),
                                NodeConfig.loopback(network.web().port())),
                "publishing at " + DESTINATION);
    }

    /// Fetches and compares. A route may be refused at first, until both ends' reports have reached the control plane.
    private Curl.Fetch.Fetched fetch(RandomFile file, Duration limit) {
        Path target = network.state().root().resolve("fetched-" + file.path().getFileName());
        String url = "http://" + key(DESTINATION).base32() + ".sky:" + LocalNetwork.WEB_PORT + "/"
                + file.path().getFileName();
        long deadline = System.nanoTime() + ROUTABLE.toNanos();
        while (true) {
            switch (curl.fetch(node(SOURCE).config().ports().socks(), url, target, limit)) {
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

    /// Exactly three relays, which know no end. Returns the one in the middle.
    private String inspectRelays() {
        RuleTables tables = RuleTables.ask(network);
        List<String> relays = tables.relays();
        result.intermediaries(relays.size());
        result.relaysKnow(tables.relayFields());
        List<String> middles = relays.stream().filter(MIDDLES::contains).toList();
        if (relays.size() != INTERMEDIARIES || middles.size() != 1 || !relays.containsAll(List.of("n2", "n4"))) {
            throw new NetworkFailure(
                    "relay rules are at " + relays + " instead of n2, n4 and one of " + MIDDLES + ": " + tables);
        }
        for (String relay : relays) {
            if (tables.relayedBytes(relay) < bytes) {
                throw new NetworkFailure(relay + " counted " + tables.relayedBytes(relay) + " relayed bytes, fewer than"
                        + " the " + bytes + " that travelled");
            }
        }
        if (!tables.relayFields().equals(RuleTables.RELAY_FIELDS)) {
            throw new NetworkFailure(
                    "a relay rule holds " + tables.relayFields() + " instead of " + RuleTables.RELAY_FIELDS);
        }
        if (tables.relaysKnow(key(SOURCE)) || tables.relaysKnow(key(DESTINATION))) {
            throw new NetworkFailure("the table of a relay names an end of the route: " + tables);
        }
        result.relaysAreBlind();
        return middles.getFirst();
    }

    /// Dials over the middle that the first route did not take, and looks at who carried the bytes.
    private void followExplicitPath(String firstMiddle, RandomFile file) {
        String middle = MIDDLES.stream()
                .filter(name -> !name.equals(firstMiddle))
                .findFirst()
                .orElseThrow();
        List<String> path = List.of("n2", middle, "n4");
        String via = String.join(",", path.stream().map(name -> key(name).hex()).toList());
        require(node(SOURCE).command("dial", key(DESTINATION).hex(), "--via", via), "dialling via " + path);
        fetch(file, SECOND_FETCH);
        RuleTables tables = RuleTables.ask(network);
        Set<String> relays = Set.copyOf(tables.relays());
        if (!relays.equals(Set.copyOf(path))) {
            throw new NetworkFailure("after dialling via " + path + " relay rules are at " + relays);
        }
        for (String relay : path) {
            if (tables.relayedBytes(relay) < file.bytes() || tables.relayedPackets(relay) == 0) {
                throw new NetworkFailure(relay + " is on the named path but relayed " + tables.relayedBytes(relay)
                        + " bytes of " + file.bytes());
            }
        }
        result.explicitPathFollowed();
    }

    /// The stranger obeys another key: the dial must fail at its hop, and its table must stay as it was.
    private void refuseUnlistedSigner() {
        NodeProcess stranger = node(Shape.STRANGER);
        JsonNode before = rulesOf(Shape.STRANGER);
        double refusals = Metrics.of(stranger).unlistedSignerRefusals();
        ChildProcess.Outcome dial = node(SOURCE).command("dial", stranger.key().hex());
        if (dial.succeeded()) {
            throw new NetworkFailure("a dial to " + Shape.STRANGER + " succeeded although it obeys another key");
        }
        if (NodeProcess.json(dial).path("hop").asInt(-1) != STRANGERS_HOP) {
            throw new NetworkFailure(
                    "the failed dial does not name hop " + STRANGERS_HOP + ", the one that refused: " + dial.said());
        }
        JsonNode after = rulesOf(Shape.STRANGER);
        if (!before.isEmpty() || !after.isEmpty()) {
            throw new NetworkFailure(Shape.STRANGER + " holds rules of a signer outside its whitelist: before " + before
                    + ", after " + after);
        }
        double refusalsAfter = Metrics.of(stranger).unlistedSignerRefusals();
        if (refusalsAfter <= refusals) {
            throw new NetworkFailure(
                    Shape.STRANGER + " did not count a refusal: " + refusals + " before, " + refusalsAfter + " after");
        }
        result.unlistedSignerRefused();
    }

    private JsonNode rulesOf(String name) {
        return RuleTables.ask(network).of(name);
    }

    private void hangUp(String peer) {
        require(node(SOURCE).command("hangup", key(peer).hex()), "hanging up");
        awaitNoRules();
    }

    private void awaitTornDown() {
        awaitNoRules();
        result.tornDown();
    }

    private void awaitNoRules() {
        if (!Patience.until(TEARDOWN, () -> RuleTables.ask(network).isEmpty())) {
            throw new NetworkFailure(
                    "rules are left " + TEARDOWN.toSeconds() + " s after hanging up: " + RuleTables.ask(network));
        }
    }

    private static void require(ChildProcess.Outcome outcome, String what) {
        if (!outcome.succeeded()) {
            throw new NetworkFailure(what + " failed with code " + outcome.code() + ": " + outcome.said());
        }
    }

    private Path file(String name) {
        return network.web().directory().resolve(name);
    }

    private NodeProcess node(String name) {
        return network.node(name);
    }

    private PublicKey key(String name) {
        return node(name).key();
    }
}
