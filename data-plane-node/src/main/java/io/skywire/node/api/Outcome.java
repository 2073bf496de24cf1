package io.skywire.node.api;

import java.util.OptionalInt;

/// What became of an action.
public sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    record Refused<T>(Refusal refusal) implements Outcome<T> {}

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> Outcome<T> refused(ProblemCode code, String detail) {
        return new Refused<>(new Refusal(code, OptionalInt.empty(), detail));
    }

    /// @param hop the place on the route where it went wrong, 0 for this node
    static <T> Outcome<T> refusedAt(ProblemCode code, int hop, String detail) {
        return new Refused<>(new Refusal(code, OptionalInt.of(hop), detail));
    }
}
