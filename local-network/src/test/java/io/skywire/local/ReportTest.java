package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void holdsWhenEveryTargetIsMet() {
        Report report = new Report()
                .put("agents", 5000)
                .atMost("seconds", 59.9999, 60)
                .atLeast("ratio", 0.5, 0.5)
                .exactly("lost", 0, 0);

        assertThat(report.json()).isEqualTo("{\"held\":true,\"agents\":5000,\"seconds\":60,\"ratio\":0.5,\"lost\":0}");
        assertThat(report.print(new PrintWriter(new StringWriter()), Report.Form.JSON))
                .isZero();
    }

    @Test
    void namesEachMissedTarget() {
        Report report = new Report().atMost("seconds", 71.25, 60).exactly("lost", 3, 0);

        assertThat(report.json())
                .contains("\"held\":false", "seconds is 71.25, wanted at most 60", "lost is 3, wanted 0");
        assertThat(report.print(new PrintWriter(new StringWriter()), Report.Form.TEXT))
                .isEqualTo(1);
    }

    @Test
    void holdsNothingWithoutAFigureOrWithOneThatIsNoNumber() {
        assertThat(new Report().held()).isFalse();
        assertThat(new Report().atMost("seconds", Double.NaN, 60).held()).isFalse();
        assertThat(new Report().put("agents", 1).failed("nobody came").held()).isFalse();
    }

    @Test
    void refusesTheSameKeyTwice() {
        Report report = new Report().put("seconds", 1);

        assertThatThrownBy(() -> report.put("seconds", 2)).hasMessageContaining("seconds");
    }
}
