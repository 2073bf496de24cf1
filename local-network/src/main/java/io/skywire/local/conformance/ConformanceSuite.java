package io.skywire.local.conformance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// All cases, one after the other, each with visors of its own; only the golden ones share theirs.
final class ConformanceSuite {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final List<Case> cases;

    ConformanceSuite() {
        this(Stream.of(
                        SigningCases.all(),
                        DiscoveryCases.all(),
                        RouteCases.all(),
                        MessagingCases.all(),
                        DirectoryCases.all(),
                        GoldenCases.all(),
                        LimitCases.all())
                .flatMap(List::stream)
                .toList());
    }

    ConformanceSuite(List<Case> cases) {
        this.cases = List.copyOf(cases);
    }

    List<Case> cases() {
        return cases;
    }

    List<Case.Result> run(URI base, RandomGenerator random) {
        List<Case.Result> results = new ArrayList<>();
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build()) {
            for (Case one : cases) {
                results.add(run(one, http, base, random));
            }
        }
        return results;
    }

    private static Case.Result run(Case one, HttpClient http, URI base, RandomGenerator random) {
        try {
            one.check().run(new StockNetwork(http, base, random));
            return new Case.Result(one.name(), true, "");
        } catch (Case.Mismatch mismatch) {
            return new Case.Result(one.name(), false, String.valueOf(mismatch.getMessage()));
        } catch (IOException noAnswer) {
            return new Case.Result(
                    one.name(), false, noAnswer.getClass().getSimpleName() + ": " + noAnswer.getMessage());
        }
    }
}
