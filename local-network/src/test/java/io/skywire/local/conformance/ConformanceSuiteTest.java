package io.skywire.local.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whether the suite can fail: against a server that gives everything the same answer no case may pass.
class ConformanceSuiteTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private volatile int status;
    private volatile String body;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            // Without a nonce no stock client can even be made.
            boolean isNonce = exchange.getRequestURI().getPath().matches("/security/nonces/0[23][0-9a-f]{64}");
            byte[] answer = (isNonce ? "{\"edge\":\"\",\"next_nonce\":0}" : body).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(isNonce ? 200 : status, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "200 | {}",
                "200 | ``",
                "200 | []",
                "201 | null",
                "204 | ``",
                "400 | {\"error\":\"bad\"}",
                "401 | {\"error\":{\"message\":\"SW-Nonce does not match\",\"code\":401}}",
                "403 | {\"message\":\"forbidden\",\"code\":403}",
                "404 | {\"error\":\"transport not found\"}",
                "410 | ``",
                "422 | {\"message\":\"entry validation error: entry has no version\",\"code\":422}",
                "500 | {}",
                "503 | {}"
            })
    void noCasePassesWhereEveryAnswerIsTheSame(int always, String text) {
        status = always;
        body = text;

        List<Case.Result> results = new ConformanceSuite()
                .run(URI.create("http://127.0.0.1:" + server.getAddress().getPort()), new Random(7));

        assertThat(results).filteredOn(Case.Result::passed).isEmpty();
        assertThat(results)
                .hasSizeGreaterThan(70)
                .allSatisfy(result -> assertThat(result.detail()).isNotBlank());
    }

    @Test
    void everyCaseHasANameOfItsOwn() {
        assertThat(new ConformanceSuite().cases().stream().map(Case::name))
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(name).matches("[a-z]+: .+"));
    }
}
