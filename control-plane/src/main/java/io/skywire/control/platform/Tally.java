package io.skywire.control.platform;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// One counter for each constant of an enum. All stand at 0 from the start, so that the first event is seen as a rise,
/// and the values of the label are bounded. Safe for any thread.
public final class Tally<E extends Enum<E>> {
    private final Map<E, Counter> counters;

    /// @param name as `skywire.rules.nacks`
    /// @param help one line: what is counted
    /// @param label that tells the constants apart; their names stand in it in lower case
    public Tally(MeterRegistry meters, String name, String help, String label, Class<E> of) {
        this(meters, name, help, label, of, Tags.empty());
    }

    /// With labels that all of them carry.
    public Tally(MeterRegistry meters, String name, String help, String label, Class<E> of, Tags all) {
        counters = new EnumMap<>(of);
        for (E constant : of.getEnumConstants()) {
            counters.put(
                    constant,
                    Counter.builder(name)
                            .description(help)
                            .tags(all.and(label, value(constant)))
                            .register(meters));
        }
    }

    /// How a constant is written in a label.
    public static String value(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    public void add(E constant) {
        add(constant, 1);
    }

    public void add(E constant, double amount) {
        Counter counter = counters.get(constant);
        if (counter != null) { // an EnumMap of all constants has each
            counter.increment(amount);
        }
    }
}
