package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.discovery.StockJson.BadDocument;
import io.skywire.control.identity.KnownKeys;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The documents of stock transport discovery: read, or refused with words; and what is echoed reads the same.
class StockJsonFuzzTest {
    private final StockJson json = new StockJson(new KnownKeys());

    @FuzzTest
    void registrations(byte[] data) throws BadDocument {
        Optional<List<Registration>> read;
        try {
            read = json.registrations(data);
        } catch (BadDocument refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        if (read.isPresent()) {
            String echo = json.echo(read.get());
            List<Registration> again =
                    json.registrations(echo.getBytes(StandardCharsets.UTF_8)).orElseThrow();
            assertThat(again)
                    .extracting(Registration::transport, Registration::label)
                    .isEqualTo(read.get().stream()
                            .map(one -> org.assertj.core.api.Assertions.tuple(one.transport(), one.label()))
                            .toList());
            assertThat(again).allSatisfy(one -> assertThat(one.label()).doesNotContain("\0"));
        }
    }

    @FuzzTest
    void statuses(byte[] data) {
        try {
            assertThat(json.words(data)).hasSizeLessThanOrEqualTo(TransportRegistry.MAX_CLAIMS);
        } catch (BadDocument refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void ids(byte[] data) {
        try {
            assertThat(json.ids(data)).hasSizeLessThanOrEqualTo(TransportRegistry.MAX_CLAIMS);
        } catch (BadDocument refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
