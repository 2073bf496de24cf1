package io.skywire.local.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Two nodes, each behind a NAT of its own, as real processes on hosts of their own.
@Timeout(420)
class TwoSitesIT {
    private static final int BYTES = 100_000_000;
    private static final int CHUNK = 1 << 16;
    private static final Duration FETCH = Duration.ofMinutes(4);

    @TempDir
    private Path directory;

    @BeforeAll
    static void onlyWhereTheKernelAllowsIt() {
        Optional<String> why = Namespaces.whyNot();
        why.ifPresent(reason -> System.out.println("skipped: " + reason));
        Assumptions.assumeTrue(why.isEmpty(), why.orElse(""));
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(200));
    }

    /// Writes the file that the web server in home B serves; returns its SHA-256.
    private String serve(TwoSites sites) throws IOException, NoSuchAlgorithmException {
        Path web = Files.createDirectory(directory.resolve("web"));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Random random = new Random(5);
        byte[] chunk = new byte[CHUNK];
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(web.resolve("large.bin")), digest)) {
            for (int left = BYTES; left > 0; left -= CHUNK) {
                random.nextBytes(chunk);
                out.write(chunk, 0, Math.min(CHUNK, left));
            }
        }
        sites.serve(web);
        return HexFormat.of().formatHex(digest.digest());
    }

    /// A fetch from A that has begun. It may be refused at first, until the reports of both ends have arrived.
    private CurlPipe fetch(HostedNode a, HostedNode b) {
        String url = "http://" + b.key().base32() + ".sky/large.bin";
        return soon().until(
                        () -> {
                            CurlPipe pipe = new CurlPipe(a.namespace(), url, FETCH, directory.resolve("curl.err"));
                            pipe.read(1);
                            return pipe;
                        },
                        pipe -> {
                            if (pipe.bytes() == 0) {
                                pipe.close();
                            }
                            return pipe.bytes() > 0;
                        });
    }

    private static void awaitOnlyThroughServers(HostedNode a, HostedNode b) {
        soon().untilAsserted(() -> {
            assertThat(a.transportTypes()).isEqualTo(Set.of("messaging"));
            assertThat(b.transportTypes()).isEqualTo(Set.of("messaging"));
        });
    }

    private static void knowsThatNobodyCanDialIt(HostedNode node, String publicAddress) {
        soon().untilAsserted(() -> {
            JsonNode reachability = node.reachability();
            assertThat(reachability.path("state").asString("")).isEqualToIgnoringCase("no");
            assertThat(reachability.path("seen").asString("")).contains(publicAddress);
        });
    }

    @Test
    void twoNodesBehindDifferentNatsExchange100MegabytesThroughAServer() throws Exception {
        try (TwoSites sites = TwoSites.open("apart", directory)) {
            String sha256 = serve(sites);
            HostedNode b = sites.startNodeB(sites.keyOf("a"));
            HostedNode a = sites.startNodeA(b.key(), Optional.empty());
            awaitOnlyThroughServers(a, b);

            try (CurlPipe transfer = fetch(a, b)) {
                assertThat(transfer.finish()).isEqualTo(new CurlPipe.End.Fetched(BYTES, sha256));
            }

            knowsThatNobodyCanDialIt(a, TwoSites.NAT_A);
            knowsThatNobodyCanDialIt(b, TwoSites.NAT_B);
            assertThat(a.transportTypes()).isEqualTo(Set.of("messaging"));
            assertThat(b.transportTypes()).isEqualTo(Set.of("messaging"));
            assertThat(sites.packetsBetweenHomes()).isZero();
            assertThat(sites.throughServer("b").received()).isGreaterThan(BYTES);
            assertThat(sites.throughServer("a").sent()).isGreaterThan(BYTES);
        }
    }

    @Test
    void theTransportUpgradesToTcpWhenAThirdPathAppearsAndLosesNoByte() throws Exception {
        try (TwoSites sites = TwoSites.open("joined", directory)) {
            String sha256 = serve(sites);
            HostedNode b = sites.startNodeB(sites.keyOf("a"));
            knowsThatNobodyCanDialIt(b, TwoSites.NAT_B);
            HostedNode a = sites.startNodeA(b.key(), Optional.of(TwoSites.NEAR_B + ":" + HostedNode.LISTEN));
            awaitOnlyThroughServers(a, b);
            // The directory says that nobody can dial B, and A has tried: by now it has given up.
            soon().until(() -> a.ask("status").path("links").path(0).hasNonNull("last_failure"));

            try (CurlPipe transfer = fetch(a, b)) {
                transfer.read(BYTES / 4);
                sites.join();
                soon().until(() -> {
                    transfer.read(CHUNK); // it never stands still
                    return a.transportTypes().equals(Set.of("tcp"))
                            && b.transportTypes().equals(Set.of("tcp"));
                });
                assertThat(transfer.bytes()).isLessThan(BYTES / 2);
                assertThat(transfer.finish()).isEqualTo(new CurlPipe.End.Fetched(BYTES, sha256));
            }

            assertThat(sites.receivedByCable()).isGreaterThan(BYTES / 2);
            assertThat(sites.packetsBetweenHomes()).isZero();
        }
    }
}
