package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/// Questions for routes: read within their bounds, or refused with words.
class StockRouteQuestionFuzzTest {
    @FuzzTest
    void question(byte[] data) {
        StockRouteQuestion question;
        try {
            question = StockRouteQuestion.parse(data);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        assertThat(question.pairs()).isNotEmpty().hasSizeLessThanOrEqualTo(16);
        assertThat(question.minHops()).isBetween(0, 65_535);
        assertThat(question.maxHops()).isBetween(0, 65_535);
        assertThat(question.pairs())
                .allSatisfy(pair -> assertThat(pair.text())
                        .isEqualTo(pair.from().hex() + ":" + pair.to().hex()));
    }
}
