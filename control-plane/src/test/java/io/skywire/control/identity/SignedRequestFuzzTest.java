package io.skywire.control.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.JdbcTemplate;

/// The headers of signed requests and of network monitors: proved, or refused with words; nothing is thrown.
class SignedRequestFuzzTest {
    private static final KeyPair CALLER = TestKeys.pairs(1, 63).getFirst();

    /// The nonces of one key, in memory.
    private static final class CountedNonces extends RequestNonces {
        private final AtomicInteger taken = new AtomicInteger();

        CountedNonces() {
            super(new JdbcTemplate(), new FakeClock(), new SimpleMeterRegistry());
        }

        CountedNonces fresh() {
            taken.set(0);
            return this;
        }

        @Override
        BigInteger next(PublicKey key) {
            return BigInteger.valueOf(taken.get());
        }

        @Override
        boolean take(PublicKey key, BigInteger nonce) {
            return next(key).equals(nonce) && taken.incrementAndGet() > 0;
        }
    }

    private static final KnownKeys KEYS = new KnownKeys();
    private static final CountedNonces NONCES = new CountedNonces();

    @FuzzTest
    void headers(FuzzedDataProvider data) {
        CountedNonces nonces = NONCES.fresh();
        byte[] body = data.consumeBytes(64);
        String nonce = data.consumeBoolean() ? "0" : data.consumeString(24);
        String key = data.consumeBoolean() ? CALLER.publicKey().hex() : data.consumeString(70);
        String signature = data.consumeRemainingAsString();

        RequestVerification.Outcome outcome = new RequestVerification(KEYS, nonces)
                .verify(new RequestVerification.Headers(key, nonce, signature), body);

        switch (outcome) {
            case RequestVerification.Outcome.Proved proved -> {
                assertThat(nonces.taken).hasValue(1);
                assertThat(CALLER.publicKey().hex()).isEqualToIgnoringCase(key);
            }
            case RequestVerification.Outcome.Refused refused -> {
                assertThat(nonces.taken).hasValue(0);
                assertThat(refused.message()).isNotBlank();
            }
        }
    }

    /// However the nonce is written, a request with a good signature is proved once, or not at all.
    @FuzzTest
    void nonceText(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        CountedNonces nonces = NONCES.fresh();
        RequestVerification verification = new RequestVerification(KEYS, nonces);
        RequestVerification.Headers headers = new RequestVerification.Headers(
                CALLER.publicKey().hex(),
                text,
                CALLER.sign("0".getBytes(StandardCharsets.US_ASCII)).hex());

        RequestVerification.Outcome first = verification.verify(headers, new byte[0]);
        RequestVerification.Outcome second = verification.verify(headers, new byte[0]);

        assertThat(first instanceof RequestVerification.Outcome.Proved).isEqualTo(text.matches("0+"));
        assertThat(second).isInstanceOf(RequestVerification.Outcome.Refused.class);
    }

    @FuzzTest
    void stockKeys(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        try {
            assertThat(StockKeys.publicKey(text).hex()).isEqualToIgnoringCase(text);
        } catch (io.skywire.shared.key.InvalidKeyException refused) {
            assertThat(refused.getMessage()).startsWith("Invalid public key");
        }
        try {
            assertThat(StockKeys.signature(text).bytes())
                    .isEqualTo(
                            text.matches("0*") ? new byte[65] : HexFormat.of().parseHex(text));
        } catch (io.skywire.shared.key.InvalidKeyException refused) {
            assertThat(refused.getMessage()).startsWith("Invalid signature");
        }
    }

    /// Time, nonce and signature, one a line.
    @FuzzTest
    void monitorProof(byte[] data) {
        String[] lines = new String(data, StandardCharsets.UTF_8).split("\n", 3);
        try {
            MonitorProof proof = MonitorProof.parse(
                    CALLER.publicKey(),
                    lines[0],
                    lines.length > 1 ? lines[1] : null,
                    lines.length > 2 ? lines[2] : null);
            assertThat(proof.nonce()).hasSize(16);
            assertThat(proof.isFresh(proof.time(), Duration.ofSeconds(60))).isTrue();
            assertThat(proof.isFresh(Instant.MIN, Duration.ofSeconds(60))
                            && proof.isFresh(Instant.MAX, Duration.ofSeconds(60)))
                    .isFalse();
            assertThat(proof.covers("/path", new byte[0])).isFalse();
        } catch (MonitorRefused refused) {
            assertThat(refused.reason()).isEqualTo(MonitorRefused.Reason.MALFORMED);
        }
    }
}
