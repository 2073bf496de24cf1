package io.skywire.benchmarks.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Linux says of another process: processor time in user and kernel mode together, and resident memory.
public final class ProcessCpu {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Java runs on
    private static final int USER_TIME = 11; // fields after the name in parentheses, from 0
    private static final int KERNEL_TIME = 12;

    private final long pid;

    public ProcessCpu(long pid) {
        this.pid = pid;
    }

    public double seconds() {
        String stat = read("stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[KERNEL_TIME])) / TICKS_PER_SECOND;
    }

    public long residentBytes() {
        return read("status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                .sum();
    }

    private String read(String file) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(pid), file));
        } catch (IOException gone) {
            throw new UncheckedIOException("process " + pid + " is gone", gone);
        }
    }
}
