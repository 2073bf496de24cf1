package io.skywire.local.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MetricsPageTest {
    private static final MetricsPage PAGE = MetricsPage.parse("""
            # Metrics
            | `no_program` | counter | | before any heading | |
            ## One: `node`
            | name | type | unit | meaning | labels |
            |---|---|---|---|---|
            | `drops_total` | counter | | Dropped packets | `reason`: full, late |
            | `took_seconds` | summary | seconds | Time | `what`: *anything* |
            ## Both: `node`, `gateway`
            | `up` | gauge | | Up | |
            | `pauses` | counter, later | | Pauses | |
            """);
    private static final String SHOWN = """
            # HELP drops_total Dropped packets
            # TYPE drops_total counter
            drops_total{reason="full"} 1.0
            drops_total{reason="late"} 0.0
            # HELP took_seconds Time
            # TYPE took_seconds summary
            took_seconds_count{what="x"} 2
            took_seconds_sum{what="x"} 0.5
            # HELP up Up
            # TYPE up gauge
            up 1.0
            """;

    @Test
    void agreesWithWhatIsShownAsItSays() {
        Exposition shown = Exposition.parse(SHOWN);

        assertThat(PAGE.undocumented("node", shown)).isEmpty();
        assertThat(PAGE.missing("node", shown)).isEmpty();
        assertThat(PAGE.missing("gateway", Exposition.parse(""))).containsExactly("gateway does not show up");
        assertThat(PAGE.knows("took_seconds_count")).isTrue();
        assertThat(PAGE.knows("drops_total_count")).isFalse();
        assertThat(PAGE.knows("no_program")).isFalse();
    }

    @Test
    void seesWhatIsShownOtherwise() {
        assertThat(PAGE.undocumented("node", Exposition.parse(SHOWN.replace("\"late\"", "\"lost\""))))
                .containsExactly("drops_total has reason=lost");
        assertThat(PAGE.missing("node", Exposition.parse(SHOWN.replace("\"late\"", "\"lost\""))))
                .containsExactly("drops_total has no reason=late");
        assertThat(PAGE.undocumented("node", Exposition.parse(SHOWN.replace("HELP up Up", "HELP up Down"))))
                .containsExactly("up says of itself \"Down\"");
        assertThat(PAGE.undocumented("node", Exposition.parse(SHOWN.replace("TYPE up gauge", "TYPE up counter"))))
                .containsExactly("up is a counter, not a gauge");
        assertThat(PAGE.undocumented("node", Exposition.parse(SHOWN + "# TYPE new gauge\nnew{a=\"b\"} 1\n")))
                .containsExactly("node shows new");
        assertThat(PAGE.undocumented("node", Exposition.parse(SHOWN.replace("up 1.0", "up{a=\"b\"} 1.0"))))
                .containsExactly("up has the label a");
    }

    @Test
    void refusesARowThatIsNone() {
        assertThatThrownBy(() -> MetricsPage.parse("# `node`\n| `a` | gauge | |\n"))
                .hasMessageContaining("five cells");
        assertThatThrownBy(() -> MetricsPage.parse("# `node`\n| `a` | gauge | | m | |\n| `a` | gauge | | m | |\n"))
                .hasMessageContaining("stands twice");
        assertThatThrownBy(() -> MetricsPage.parse("# `node`\n| `a` | gauge | | m | reason: x |\n"))
                .hasMessageContaining("`label`: values");
    }

    @Test
    void findsAKeyInALabel() {
        String key = "02" + "ab".repeat(32);
        assertThat(Exposition.parse("# TYPE a gauge\na{peer=\"" + key + "\"} 1\n")
                        .keysInLabels())
                .containsExactly("a{peer=\"" + key + "\"}");
        assertThat(Exposition.parse("# TYPE a gauge\na{from=\"10.1.2.3\"} 1\n").keysInLabels())
                .hasSize(1);
        assertThat(Exposition.parse(SHOWN).keysInLabels()).isEmpty();
    }
}
