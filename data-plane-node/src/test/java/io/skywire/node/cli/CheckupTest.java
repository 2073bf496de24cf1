package io.skywire.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.api.FakeNode;
import io.skywire.node.api.StatusView;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.NodeConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the doctor makes of what a node says.
class CheckupTest {
    @TempDir
    Path directory;

    private FakeNode node;
    private NodeConfig config;

    @BeforeEach
    void surroundings() throws Exception {
        node = new FakeNode(directory.resolve("api.sock"), 31);
        config =
                ConfigFile.forAsking(Files.writeString(directory.resolve("node.yaml"), """
                key_file: node.key
                state_dir: state
                control_planes: [{address: 127.0.0.1:9191, tls: off}]
                service_keys: [%1$s]
                setup_keys: [%1$s]
                """.formatted(node.self.hex())));
    }

    private Checkup judge(StatusView.ControlPlane plane, StatusView.Reachability reachability) {
        StatusView status = node.status();
        Checkup checkup = new Checkup();
        checkup.judge(
                config,
                new StatusView(
                        status.node(),
                        status.name(),
                        status.version(),
                        status.started(),
                        status.uptime(),
                        plane,
                        status.listen(),
                        status.counts(),
                        status.doors(),
                        status.links().subList(0, 1),
                        status.messaging(),
                        status.rulesPulled(),
                        reachability,
                        status.rulesKept()),
                node.transports(),
                "1.2.3");
        return checkup;
    }

    private StatusView.ControlPlane clock(Optional<Duration> offset) {
        StatusView.ControlPlane plane = node.status().controlPlane();
        return new StatusView.ControlPlane(
                plane.connectedTo(),
                plane.via(),
                plane.gateway(),
                plane.since(),
                plane.appliedRevision(),
                plane.appliedRevisionAge(),
                plane.lastError(),
                offset,
                plane.lastContactAge());
    }

    private static Checkup.Outcome outcome(Checkup checkup, String name) {
        return checkup.checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    @Test
    void aNodeInOrderIsWell() {
        Checkup checkup = judge(node.status().controlPlane(), node.status().reachability());

        assertThat(checkup.isWell()).isTrue();
        assertThat(checkup.checks()).allSatisfy(check -> {
            assertThat(check.outcome()).isEqualTo(Checkup.Outcome.OK);
            assertThat(check.means()).isNotBlank();
        });
    }

    @ParameterizedTest
    @CsvSource({"0, OK", "-4, OK", "6, WARN", "-290, WARN", "301, FAIL", "-100000, FAIL"})
    void aWrongClockIsTold(int seconds, Checkup.Outcome expected) {
        Checkup checkup = judge(
                clock(Optional.of(Duration.ofSeconds(seconds))), node.status().reachability());

        assertThat(outcome(checkup, "clock")).isEqualTo(expected);
    }

    @Test
    void aClockThatNobodyComparedIsNotCalledRight() {
        assertThat(outcome(judge(clock(Optional.empty()), node.status().reachability()), "clock"))
                .isEqualTo(Checkup.Outcome.WARN);
    }

    @ParameterizedTest
    @CsvSource({"REACHABLE, OK", "REFUSED, WARN", "TIMED_OUT, WARN", "OTHER_KEY, FAIL", "FORBIDDEN, WARN", "BUSY, WARN"
    })
    void eachAddressIsJudged(StatusView.DialOutcome found, Checkup.Outcome expected) {
        Checkup checkup = judge(
                node.status().controlPlane(),
                new StatusView.Reachability(
                        StatusView.Reachable.NO,
                        Optional.empty(),
                        Optional.of("because"),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new StatusView.DialledBack("192.0.2.7:7777", Optional.empty(), found, "because"))));

        assertThat(outcome(checkup, "reachable")).isEqualTo(Checkup.Outcome.WARN);
        assertThat(outcome(checkup, "address 192.0.2.7:7777")).isEqualTo(expected);
    }

    @Test
    void withoutAControlPlaneTheNodeIsNotWell() {
        Checkup checkup = judge(
                new StatusView.ControlPlane(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(FakeNode.NOW),
                        7,
                        Optional.empty(),
                        Optional.of("connection refused"),
                        Optional.empty(),
                        Optional.empty()),
                node.status().reachability());

        assertThat(outcome(checkup, "control plane")).isEqualTo(Checkup.Outcome.FAIL);
        assertThat(checkup.isWell()).isFalse();
    }
}
