package io.skywire.local.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.skywire.local.MachineLacks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class NamespacesIT {
    private static void onlyWhereTheKernelAllowsIt() {
        Namespaces.whyNot().ifPresent(reason -> {
            System.out.println("skipped: " + reason);
            Assumptions.abort(reason);
        });
    }

    @Test
    void endsWhatRunsInThemAndLeavesNothing() throws Exception {
        onlyWhereTheKernelAllowsIt();
        Process sleeper;
        try (Namespaces namespaces = Namespaces.open("ends")) {
            String host = namespaces.add("host");
            assertThat(Namespaces.ofThisProcess()).contains(host);
            sleeper = new ProcessBuilder(Namespaces.in(host, List.of("sleep", "600"))).start();
        }

        assertThat(sleeper.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Namespaces.ofThisProcess()).noneMatch(name -> name.contains("-ends-"));
    }

    @Test
    void removesWhatADeadProcessLeftBehindAndNothingElse() throws Exception {
        onlyWhereTheKernelAllowsIt();
        Process dead = new ProcessBuilder("true").start();
        assertThat(dead.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String left = "sky-" + dead.pid() + "-joined-nat-a";
        String anothers = "sky-" + ProcessHandle.current().pid() + "x";
        for (String name : List.of(left, anothers)) {
            assertThat(Machine.run(List.of("ip", "netns", "add", name), Duration.ofSeconds(20))
                            .succeeded())
                    .isTrue();
        }

        try (Namespaces namespaces = Namespaces.open("sweeps")) {
            namespaces.add("host");

            String there = Machine.run(List.of("ip", "netns", "list"), Duration.ofSeconds(20))
                    .out();
            assertThat(there).doesNotContain(left).contains(anothers);
        } finally {
            Machine.run(List.of("ip", "netns", "delete", anothers), Duration.ofSeconds(20));
        }
    }

    @Test
    void aMissingProgramIsToldWithThePackageThatHasIt() {
        assertThatExceptionOfType(MachineLacks.class)
                .isThrownBy(() -> Machine.program("no-such-program", "nftables"))
                .withMessageContaining("no-such-program")
                .withMessageContaining("apt-get install nftables");
    }
}
