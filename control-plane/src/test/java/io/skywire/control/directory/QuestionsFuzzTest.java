package io.skywire.control.directory;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.skywire.control.directory.UptimeLedger.Days;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/// The parameters of uptime and of the node directory: read within their bounds, or refused with words.
class QuestionsFuzzTest {
    private static final Days MONTH = new Days(LocalDate.parse("2026-11-01"), LocalDate.parse("2026-11-22"));

    @FuzzTest
    void uptime(FuzzedDataProvider data) {
        String start = data.consumeString(24);
        String end = data.consumeString(24);
        String status = data.consumeString(4);
        try {
            UptimeQuestion question = UptimeQuestion.parse(data.consumeRemainingAsString(), start, end, status, MONTH);
            assertThat(question.nodes()).hasSizeLessThanOrEqualTo(UptimeQuestion.MAX_NODES);
            assertThat(ChronoUnit.DAYS.between(
                            question.days().first(), question.days().last()))
                    .isBetween(0L, UptimeQuestion.MAX_DAYS - 1L);
        } catch (BadInputException refused) {
            assertThat(refused.problem()).isNotBlank();
        }
    }

    @FuzzTest
    void nodes(FuzzedDataProvider data) {
        String isPublic = data.consumeBoolean() ? "true" : data.consumeString(6);
        String limit = data.consumeString(12);
        try {
            NodesQuestion question = NodesQuestion.parse(isPublic, data.consumeRemainingAsString(), limit);
            assertThat(question.limit()).isBetween(1, NodesQuestion.MOST);
        } catch (BadInputException refused) {
            assertThat(refused.problem()).isNotBlank();
        }
    }

    @FuzzTest
    void version(byte[] data) {
        String printable = UptimeLedger.printable(new String(data, java.nio.charset.StandardCharsets.UTF_8));

        assertThat(printable).hasSizeLessThanOrEqualTo(100).matches("[\\x20-\\x7e]*");
    }
}
