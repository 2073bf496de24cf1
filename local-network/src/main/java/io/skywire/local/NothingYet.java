package io.skywire.local;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// The two commands whose names are fixed and which have nothing to run yet: they say so, with exit code 2.
final class NothingYet {
    private NothingYet() {}

    @Command(name = "drill", description = "Breaks something on purpose and measures. None exist yet.")
    static final class Drill implements Callable<Integer> {
        @Unmatched
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() {
            throw nothing("drill", arguments);
        }
    }

    @Command(name = "bench", description = "Runs one benchmark and its comparison. None exist yet.")
    static final class Bench implements Callable<Integer> {
        @Unmatched
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() {
            throw nothing("bench", arguments);
        }
    }

    private static WrongUse nothing(String kind, List<String> arguments) {
        String asked = arguments.isEmpty() ? "" : "there is no " + kind + " '" + arguments.getFirst() + "': ";
        return new WrongUse(asked + "no " + kind + " exists yet");
    }
}
