package io.skywire.local.bench;

import io.skywire.local.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Which processes share a core: what is measured runs on the first, what drives it on the others.
final class Cores {
    private Cores() {}

    /// What puts a process on the first core; nothing where there is one core or no `taskset`.
    static List<String> first() {
        return only("0");
    }

    /// What puts a process on all other cores; nothing where [#first] is nothing.
    static List<String> others() {
        int cores = Runtime.getRuntime().availableProcessors();
        return only(cores > 2 ? "1-" + (cores - 1) : "1");
    }

    private static List<String> only(String cores) {
        Optional<Path> taskset = Programs.find("taskset");
        return taskset.isEmpty() || Runtime.getRuntime().availableProcessors() < 2
                ? List.of()
                : List.of(taskset.get().toString(), "-c", cores);
    }
}
