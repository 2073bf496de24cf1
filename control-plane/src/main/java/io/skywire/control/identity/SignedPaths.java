package io.skywire.control.identity;

import java.util.List;

/// HTTP paths whose requests must be signed, whatever the method. A room that serves such paths gives one as a bean.
///
/// A handler behind them takes the proved key as `@RequestAttribute(SignedCaller.ATTRIBUTE) SignedCaller`. It can not
/// be reached without one: where no signature was checked, the attribute is missing and the request is refused.
///
/// @param patterns path patterns of Spring MVC, for example `/transports/id:{id}`
public record SignedPaths(List<String> patterns) {
    public SignedPaths {
        patterns = List.copyOf(patterns);
    }

    public static SignedPaths of(String... patterns) {
        return new SignedPaths(List.of(patterns));
    }
}
