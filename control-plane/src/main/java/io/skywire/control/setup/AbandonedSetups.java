package io.skywire.control.setup;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Looks for setups that a replica began and did not end, at start and then regularly, and takes them back.
@Component
final class AbandonedSetups implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedSetups.class);

    private final RouteClosings closings;
    private final SetupSettings settings;
    private volatile ScheduledExecutorService timer = stopped();

    AbandonedSetups(RouteClosings closings, SetupSettings settings) {
        this.closings = closings;
        this.settings = settings;
    }

    private static ScheduledExecutorService stopped() {
        ScheduledExecutorService none = Executors.newSingleThreadScheduledExecutor();
        none.shutdown();
        return none;
    }

    @Override
    public void start() {
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("abandoned-setups").factory());
        long nanos = settings.sweepInterval().toNanos();
        var unused = timer.scheduleWithFixedDelay(this::sweep, 0, nanos, TimeUnit.NANOSECONDS);
    }

    private void sweep() {
        try {
            closings.takeBackAbandoned();
        } catch (RuntimeException away) {
            // An exception would end the schedule. Without the database there is nothing to do but to look again.
            LOG.atWarn().log("abandoned setups cannot be looked for now: {}", away.getMessage());
        }
    }

    @Override
    public void stop() {
        timer.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return !timer.isShutdown();
    }
}
