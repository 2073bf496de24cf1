package io.skywire.local;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What the scenario `first-route` saw, filled in while it runs. It starts with nothing shown: what was not reached did
/// not hold. The JSON keys are part of the contract.
final class FirstRouteResult {
    private final List<String> why = new ArrayList<>();
    private int nodes;
    private int intermediaries;
    private long bytes;
    private boolean sha256Match;
    private @Nullable Double setupMs;
    private @Nullable Double transferSeconds;
    private @Nullable Double megabytesPerSecond;
    private boolean explicitPathFollowed;
    private boolean unlistedSignerRefused;
    private List<String> relayKnows = List.of();
    private boolean relaysAreBlind;
    private boolean tornDown;

    void nodes(int count) {
        nodes = count;
    }

    void intermediaries(int count) {
        intermediaries = count;
    }

    void transferred(Curl.Fetch.Fetched fetched) {
        bytes = fetched.bytes();
        setupMs = rounded(fetched.connect().toNanos() / 1e6);
        double seconds = fetched.transfer().toNanos() / 1e9;
        transferSeconds = rounded(seconds);
        megabytesPerSecond = seconds > 0 ? rounded(bytes / 1e6 / seconds) : null;
    }

    void sha256Matched() {
        sha256Match = true;
    }

    void explicitPathFollowed() {
        explicitPathFollowed = true;
    }

    void unlistedSignerRefused() {
        unlistedSignerRefused = true;
    }

    void relaysKnow(Set<String> fields) {
        relayKnows = List.copyOf(fields);
    }

    void relaysAreBlind() {
        relaysAreBlind = true;
    }

    void tornDown() {
        tornDown = true;
    }

    /// One more thing that did not hold.
    void failed(String reason) {
        why.add(reason);
    }

    List<String> why() {
        return List.copyOf(why);
    }

    boolean held() {
        return why.isEmpty()
                && nodes >= 5
                && intermediaries == FirstRoute.INTERMEDIARIES
                && bytes > 0
                && sha256Match
                && explicitPathFollowed
                && unlistedSignerRefused
                && relaysAreBlind
                && tornDown;
    }

    String json() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("held", held());
        fields.put("nodes", nodes);
        fields.put("intermediaries", intermediaries);
        fields.put("bytes", bytes);
        fields.put("sha256_match", sha256Match);
        fields.put("setup_ms", setupMs);
        fields.put("transfer_seconds", transferSeconds);
        fields.put("megabytes_per_second", megabytesPerSecond);
        fields.put("explicit_path_followed", explicitPathFollowed);
        fields.put("unlisted_signer_refused", unlistedSignerRefused);
        fields.put("relay_knows", relayKnows);
        fields.put("torn_down", tornDown);
        if (!why.isEmpty()) {
            fields.put("why", why);
        }
        return new JsonMapper().writeValueAsString(fields);
    }

    /// The same for people.
    String text() {
        StringBuilder text = new StringBuilder();
        line(text, sha256Match, "a file of %d bytes came through %d intermediaries unharmed", bytes, intermediaries);
        if (setupMs != null && transferSeconds != null) {
            line(text, true, "route and session up after %.0f ms, transfer took %.2f s", setupMs, transferSeconds);
        }
        line(text, relaysAreBlind, "a relay knows no end of the route, only: %s", String.join(", ", relayKnows));
        line(text, explicitPathFollowed, "a dial that names its path takes exactly that path");
        line(text, unlistedSignerRefused, "rules of a signer outside the whitelist change nothing");
        line(text, tornDown, "after hanging up no node holds a rule");
        why.forEach(reason -> text.append("  because: ").append(reason).append('\n'));
        return text.append(held() ? "held" : "did not hold").toString();
    }

    private static void line(StringBuilder text, boolean seen, String format, Object... values) {
        text.append(seen ? "  yes  " : "  NO   ")
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
