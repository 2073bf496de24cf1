package io.skywire.node.api;

import java.util.OptionalInt;

/// Why the answer is no.
///
/// @param hop the place on the route where it went wrong, 0 for this node
/// @param detail for people, one line; without secrets
public record Refusal(ProblemCode code, OptionalInt hop, String detail) {
    /// The whole of it in one line, such as `refused by hop 2: table full`.
    public String line() {
        String place = hop.isPresent() ? code.atHop().formatted(hop.getAsInt()) : code.title();
        return detail.isEmpty()
                ? place
                : place + ": " + detail.lines().findFirst().orElse("");
    }
}
