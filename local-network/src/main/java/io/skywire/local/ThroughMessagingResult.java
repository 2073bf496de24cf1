package io.skywire.local;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What the scenario `messaging` saw, filled in while it runs. It starts with nothing shown: what was not reached did
/// not hold. The JSON keys are part of the contract.
final class ThroughMessagingResult {
    private final List<String> why = new ArrayList<>();
    private long bytes;
    private boolean sha256Match;
    private @Nullable Double megabytesPerSecond;
    private int directLinks = -1;
    private boolean plaintextLookedFor;
    private boolean plaintextSeen;
    private long relayedBytes;
    private long memorySearched;
    private boolean memoryFound;
    private boolean heapOnly;
    private boolean upgradedToTcp;
    private List<String> rulesPulledBy = List.of();

    void transferred(Curl.Fetch.Fetched fetched) {
        bytes = fetched.bytes();
        sha256Match = true;
        double seconds = fetched.transfer().toNanos() / 1e9;
        megabytesPerSecond = seconds > 0 ? Math.round(bytes / 1e3 / seconds) / 1e3 : null;
    }

    void directLinks(int count) {
        directLinks = count;
    }

    void relayed(long count, boolean plaintext) {
        relayedBytes = count;
        plaintextLookedFor = true;
        plaintextSeen = plaintext;
    }

    /// The plaintext was nowhere in what was looked at of a server's memory.
    void searched(ProcessMemory.Search.Nowhere nowhere) {
        memorySearched += nowhere.bytes();
        heapOnly |= nowhere.extent() == ProcessMemory.Extent.HEAP_ONLY;
    }

    void foundInMemory() {
        memoryFound = true;
    }

    void upgraded() {
        upgradedToTcp = true;
    }

    void rulesPulledBy(Set<String> ways) {
        rulesPulledBy = ways.stream().sorted().toList();
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
                && bytes > 0
                && sha256Match
                && directLinks == 0
                && isSealed()
                && memorySearched > 0
                && upgradedToTcp
                && rulesPulledBy.contains("messaging");
    }

    /// The servers carried at least what arrived, and nothing of it could be read there.
    boolean isSealed() {
        return plaintextLookedFor && !plaintextSeen && !memoryFound && relayedBytes >= bytes;
    }

    String json() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("held", held());
        fields.put("bytes", bytes);
        fields.put("sha256_match", sha256Match);
        fields.put("megabytes_per_second", megabytesPerSecond);
        fields.put("direct_links_between_ends", directLinks);
        fields.put("rules_pulled_by", rulesPulledBy);
        fields.put("relay_saw_plaintext", !isSealed());
        fields.put("relay_memory_searched_bytes", memorySearched);
        fields.put("upgraded_to_tcp", upgradedToTcp);
        if (!why.isEmpty()) {
            fields.put("why", why);
        }
        return new JsonMapper().writeValueAsString(fields);
    }

    /// The same for people.
    String text() {
        StringBuilder text = new StringBuilder();
        line(
                text,
                sha256Match && directLinks == 0,
                "a file of %d bytes came through a messaging server unharmed",
                bytes);
        line(text, isSealed(), "the server saw nothing of it in %d bytes that passed there", relayedBytes);
        line(
                text,
                memorySearched > 0 && !memoryFound,
                heapOnly
                        ? "nothing of it in %d bytes of the servers' heaps (this kernel lets nobody read the rest)"
                        : "nothing of it in %d bytes of the servers' memory",
                memorySearched);
        line(text, upgradedToTcp, "a transfer moved to a direct link while it ran");
        line(text, rulesPulledBy.contains("messaging"), "rules came through messaging: %s", rulesPulledBy);
        why.forEach(reason -> text.append("  because: ").append(reason).append('\n'));
        return text.append(held() ? "held" : "did not hold").toString();
    }

    private static void line(StringBuilder text, boolean seen, String format, Object... values) {
        text.append(seen ? "  yes  " : "  NO   ")
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
