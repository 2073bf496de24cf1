package io.skywire.local.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExpressionTest {
    private static List<String> selectors(String expression) {
        return new Expression(expression)
                .selectors().stream().map(Expression.Selector::text).toList();
    }

    @Test
    void findsSelectorsWithWhatTheirLabelsMustBe() {
        assertThat(selectors(
                        "histogram_quantile(0.99, sum by (le, phase) (rate(a_seconds_bucket{x=\"y, (z\"}[5m]))) > 2e3"))
                .containsExactly("a_seconds_bucket{x=\"y, (z\"}");
        assertThat(selectors("max(a:b:c) / clamp_min(max(d{state=\"up\"}), 1)"))
                .containsExactly("a:b:c", "d{state=\"up\"}");
        assertThat(selectors("a > 14.4 * 0.01\nand b unless on (instance) c or absent(d)"))
                .containsExactly("a", "b", "c", "d");
        assertThat(selectors("a + a")).containsExactly("a");
    }

    @Test
    void fillsInTheVariablesOfADashboard() {
        assertThat(new Expression("rate(a{instance=~\"$instance\"}[$__rate_interval])").filledIn("30s"))
                .isEqualTo(new Expression("rate(a{instance=~\".*\"}[30s])"));
    }
}
