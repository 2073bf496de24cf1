package io.skywire.local.conformance;

import static io.skywire.local.conformance.StockNetwork.byEdge;
import static io.skywire.local.conformance.StockNetwork.byId;
import static io.skywire.local.conformance.StockNetwork.objectError;
import static io.skywire.local.conformance.StockNetwork.refused;
import static io.skywire.local.conformance.StockNetwork.same;
import static io.skywire.local.conformance.StockNetwork.status;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;

/// Section 2 of the reference: the signing of requests.
final class SigningCases {
    private static final BigInteger ORDER =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final String X_TOO_LARGE = "02" + "f".repeat(64);
    private static final String OFF_CURVE = "02" + "0".repeat(63) + "5";

    private SigningCases() {}

    static List<Case> all() {
        return List.of(
                new Case("nonces: an unknown key starts at 0", network -> {
                    var answer = network.a.unsigned(
                            "GET", "/security/nonces/" + network.a.publicKey().hex(), "");
                    status(answer, 200);
                    same(
                            "body",
                            "{\"edge\":\"" + network.a.publicKey().hex() + "\",\"next_nonce\":0}",
                            answer.body().strip());
                }),
                new Case("nonces: keys that are none are refused in the object shape", network -> {
                    for (String bad : List.of("zz", "0", "0".repeat(66), X_TOO_LARGE, OFF_CURVE)) {
                        objectError(
                                network.a.unsigned("GET", "/security/nonces/" + bad, ""), 400, "Invalid public key");
                    }
                    objectError(
                            network.a.unsigned("GET", "/security/nonces/0203", ""), 400, "Invalid public key length");
                }),
                new Case("signing: a good request passes and the nonce grows by one", network -> {
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                    same("nonce", BigInteger.ONE, network.a.fetchNonce());
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                    same("refreshes", 0, network.a.refreshes());
                }),
                new Case("signing: missing headers are named, Public before Sig before Nonce", network -> {
                    String path = byEdge(network.a);
                    String key = network.a.publicKey().hex();
                    String signature = network.a.signature("", "0");
                    refused(network.a.unsigned("GET", path, ""), "SW-Public missing");
                    refused(network.a.unsigned("GET", path, "", "SW-Public", key), "SW-Sig missing");
                    refused(
                            network.a.unsigned("GET", path, "", "SW-Public", key, "SW-Sig", signature),
                            "SW-Nonce missing");
                }),
                new Case("signing: unreadable headers are refused in the stock words", network -> {
                    String key = network.a.publicKey().hex();
                    String good = network.a.signature("", "0");
                    header(network, "zz", "0", good, "error parsing SW-Public: Invalid public key");
                    header(network, X_TOO_LARGE, "0", good, "error parsing SW-Public: Invalid public key");
                    header(network, OFF_CURVE, "0", good, "error parsing SW-Public: Invalid public key");
                    header(network, "0203", "0", good, "error parsing SW-Public: Invalid public key length");
                    header(network, key, "0", "xy", "error parsing SW-Sig:'xy': Invalid signature");
                    header(network, key, "0", "ab", "error parsing SW-Sig:'ab': Invalid signature length");
                    header(network, key, "-1", good, "error parsing SW-Nonce: invalid syntax");
                    header(network, key, "18446744073709551616", good, "error parsing SW-Nonce: value out of range");
                }),
                new Case("signing: nonces are unsigned 64-bit", network -> {
                    BigInteger largest = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
                    refused(network.a.once("GET", byEdge(network.a), "", largest), "SW-Nonce does not match");
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                }),
                new Case("signing: a stale nonce is told before a bad signature", network -> {
                    header(
                            network,
                            network.a.publicKey().hex(),
                            "7",
                            network.a.signature("", "0"),
                            "SW-Nonce does not match");
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                }),
                new Case(
                        "signing: another key's signature is refused",
                        network -> header(
                                network,
                                network.a.publicKey().hex(),
                                "0",
                                network.b.signature("", "0"),
                                "Recovered pubkey does not match pubkey")),
                new Case("signing: high S and recovery ids from 4 on are refused", network -> {
                    String good = network.a.signature("", "0");
                    BigInteger s = new BigInteger(good.substring(64, 128), 16);
                    int recovery = Integer.parseInt(good.substring(128), 16);
                    String highS = String.format(
                            Locale.ROOT, "%s%064x%02x", good.substring(0, 64), ORDER.subtract(s), recovery ^ 1);
                    String wildId = String.format(Locale.ROOT, "%s%02x", good.substring(0, 128), recovery + 4);
                    for (String bad : List.of(highS, wildId)) {
                        status(
                                network.a.unsigned(
                                        "GET",
                                        byEdge(network.a),
                                        "",
                                        "SW-Public",
                                        network.a.publicKey().hex(),
                                        "SW-Nonce",
                                        "0",
                                        "SW-Sig",
                                        bad),
                                401);
                    }
                    same("nonce", BigInteger.ZERO, network.a.fetchNonce());
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                }),
                new Case("signing: a request cannot be replayed, whatever it was answered", network -> {
                    String absent = byId(StockNetwork.between(network.a, network.b));
                    status(network.a.once("GET", absent, "", BigInteger.ZERO), 404);
                    refused(network.a.once("DELETE", absent, "", BigInteger.ZERO), "SW-Nonce does not match");
                }),
                new Case("signing: after an answer that is not 200 a client heals with one refresh", network -> {
                    String absent = byId(StockNetwork.between(network.a, network.b));
                    status(network.a.call("GET", absent, ""), 404);
                    status(network.a.call("GET", absent, ""), 404);
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                    same("refreshes", 2, network.a.refreshes());
                    same("requests", 5, network.a.requests());
                }),
                new Case("signing: a client that starts again goes on where it was", network -> {
                    status(network.a.call("GET", byEdge(network.a), ""), 200);
                    StockClient again = network.again(network.a);
                    same("nonce", BigInteger.ONE, again.nonce());
                    status(again.call("GET", byEdge(network.a), ""), 200);
                }),
                new Case("signing: the signature covers the raw body", network -> {
                    String body = StockNetwork.registration(StockNetwork.between(network.a, network.b));
                    refused(
                            network.a.unsigned(
                                    "POST",
                                    "/transports/",
                                    body.strip(),
                                    "SW-Public",
                                    network.a.publicKey().hex(),
                                    "SW-Nonce",
                                    "0",
                                    "SW-Sig",
                                    network.a.signature(body, "0")),
                            "Recovered pubkey does not match pubkey");
                }));
    }

    private static void header(StockNetwork network, String key, String nonce, String signature, String message)
            throws java.io.IOException, Case.Mismatch {
        refused(
                network.a.unsigned(
                        "GET", byEdge(network.a), "", "SW-Public", key, "SW-Nonce", nonce, "SW-Sig", signature),
                message);
    }
}
