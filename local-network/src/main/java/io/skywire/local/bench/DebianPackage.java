package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.MachineLacks;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Programs;
import io.skywire.local.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A program that a benchmark compares with, and the Debian package that has it.
record DebianPackage(String program, String name) {
    private static final Duration INSTALL = Duration.ofMinutes(5);

    /// The program's path; `apt-get` installs it if it is not there.
    ///
    /// @throws MachineLacks if it cannot be installed
    Path require(Progress progress) {
        return find().orElseGet(() -> {
            progress.step("apt-get install " + name, this::install);
            return find().orElseThrow(() -> lacks("apt-get says that it is installed"));
        });
    }

    /// As Debian names it, with its revision; what is not from a package has none.
    String version() {
        if (Programs.find("dpkg-query").isEmpty()) {
            return "unknown";
        }
        ChildProcess.Outcome told = run(List.of("dpkg-query", "--show", "--showformat=${Version}", name));
        return told.succeeded() ? told.out() : "unknown";
    }

    private Optional<Path> find() {
        return Programs.find(program)
                .or(() -> Optional.of(Path.of("/usr/sbin", program)).filter(Files::isExecutable)); // not on every PATH
    }

    private void install() {
        if (Programs.find("apt-get").isEmpty()) {
            throw lacks("there is no apt-get here");
        }
        ChildProcess.Outcome first = aptGet("install", "--yes", "--no-install-recommends", name);
        if (first.succeeded()) {
            return;
        }
        ChildProcess.Outcome lists = aptGet("update");
        ChildProcess.Outcome second =
                lists.succeeded() ? aptGet("install", "--yes", "--no-install-recommends", name) : lists;
        if (!second.succeeded()) {
            throw lacks("apt-get says: "
                    + second.said().lines().reduce((before, last) -> last).orElse("nothing"));
        }
    }

    private MachineLacks lacks(String why) {
        return new MachineLacks(program + " is needed and could not be installed (" + why + "): install the package "
                + name + " by hand");
    }

    private static ChildProcess.Outcome aptGet(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static ChildProcess.Outcome run(List<String> command) {
        try {
            return ChildProcess.run(command, Path.of("/"), INSTALL);
        } catch (NetworkFailure tooLong) {
            return new ChildProcess.Outcome(1, "", String.valueOf(tooLong.getMessage()));
        }
    }
}
