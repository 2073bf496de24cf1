package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.objectError;
import static io.skywire.local.conformance.StockNetwork.pair;
import static io.skywire.local.conformance.StockNetwork.problem;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;
import static io.skywire.local.conformance.StockNetwork.textError;

import java.math.BigInteger;
import java.util.Collections;
import java.util.List;

/// Sizes at which this control plane says no; stock servers have no such limits.
final class LimitCases {
    private static final int MEGABYTE = 1024 * 1024;

    private LimitCases() {}

    static List<Case> all() {
        return List.of(
                new Case("limits: a body that is too large is refused before its signature and nonce", network -> {
                    problem(network.a.call("POST", "/transports/", " ".repeat(MEGABYTE + 1)), 413);
                    same("nonce", BigInteger.ZERO, network.a.fetchNonce());
                }),
                new Case("limits: a registration holds at most 4096 transports", network -> {
                    String many = "[" + String.join(",", Collections.nCopies(4097, "{}")) + "]\n";
                    textError(network.a.call("POST", "/transports/", many), 400);
                    status(network.a.call("POST", "/transports/", "[]\n"), 201);
                }),
                new Case("limits: a question for routes holds at most 16 pairs in 64 KiB", network -> {
                    String[] pairs =
                            Collections.nCopies(17, pair(network.a, network.b)).toArray(String[]::new);
                    status(network.routes(0, 5, pairs), 400);
                    objectError(
                            network.a.unsigned("POST", "/routes", " ".repeat(64 * 1024 + 1)),
                            413,
                            "the body is larger than 65536 bytes");
                }),
                new Case("limits: a list of visors holds at most 100", network -> {
                    textError(network.a.unsigned("GET", visors(network, 101), ""), 400);
                    status(network.a.unsigned("GET", visors(network, 100), ""), 200);
                }),
                new Case("limits: a path or a header that never ends is refused", network -> {
                    status(network.a.unsigned("GET", "/transports/id:" + "a".repeat(20_000), ""), 400);
                    status(network.a.unsigned("GET", "/health", "", "X-Long", "a".repeat(20_000)), 400);
                    status(network.a.unsigned("GET", "/health", "", "X-Short", "a"), 200);
                }));
    }

    private static String visors(StockNetwork network, int count) {
        return "/uptimes?visors="
                + String.join(
                        ",", Collections.nCopies(count, network.a.publicKey().hex()));
    }
}
