package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Linux says of one process.
record Proc(long pid) {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Java runs on
    private static final int USER_TIME = 11; // fields after the name in parentheses, from 0
    private static final int KERNEL_TIME = 12;
    private static final int THREADS = 17;

    /// Processor time until now, in user and kernel mode.
    double cpuSeconds() {
        return (stat(USER_TIME) + stat(KERNEL_TIME)) / TICKS_PER_SECOND;
    }

    int threads() {
        return Math.toIntExact(stat(THREADS));
    }

    long residentBytes() {
        return read("status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                .sum();
    }

    private long stat(int field) {
        String stat = read("stat");
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[field]);
    }

    private String read(String file) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(pid), file));
        } catch (IOException gone) {
            throw new NetworkFailure("process " + pid + " is gone");
        }
    }
}
