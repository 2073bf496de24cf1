package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What a process is waited for to print.
final class Lines {
    private Lines() {}

    /// The first line like that.
    ///
    /// @throws NetworkFailure if the process ends before, or takes longer than `limit`
    static String await(ChildProcess process, Predicate<String> wanted, Duration limit) {
        List<String> found = new ArrayList<>();
        boolean there = Patience.until(limit, () -> {
            process.lines().stream().filter(wanted).findFirst().ifPresent(found::add);
            if (found.isEmpty()) {
                process.requireAlive();
            }
            return !found.isEmpty();
        });
        if (!there) {
            throw new NetworkFailure("a process said nothing of what it should within " + limit.toSeconds()
                    + " s; the end of its log:\n" + String.join("\n", process.lines()));
        }
        return found.getFirst();
    }
}
