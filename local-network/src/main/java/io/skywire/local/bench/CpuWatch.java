package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.NetworkFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Processor time of a control plane, its PostgreSQL and this generator: what else the machine does is not in it.
final class CpuWatch {
    // In a second.
    private static final Duration RESTING = Duration.ofMillis(150);

    private final ControlPlaneAlone controlPlane;

    CpuWatch(ControlPlaneAlone controlPlane) {
        this.controlPlane = controlPlane;
    }

    /// Of all three until now. Server processes that have ended meanwhile are not counted.
    Duration all() {
        List<Long> pids = new ArrayList<>();
        try (Connection connection = controlPlane.database();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")) {
            while (rows.next()) {
                pids.add(rows.getLong(1));
            }
        } catch (SQLException failure) {
            throw new NetworkFailure("PostgreSQL does not answer: " + failure.getMessage());
        }
        pids.add(controlPlane.pid());
        return pids.stream().map(CpuWatch::of).reduce(own(), Duration::plus);
    }

    /// Waits until the control plane has little left to do, as compiling what was called often; 30 seconds at most.
    void awaitRest() {
        Duration before = of(controlPlane.pid());
        for (int second = 0; second < 30; second++) {
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            Duration now = of(controlPlane.pid());
            if (now.minus(before).compareTo(RESTING) < 0) {
                return;
            }
            before = now;
        }
    }

    /// Of this process alone.
    Duration own() {
        return of(ProcessHandle.current().pid());
    }

    private static Duration of(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }
}
