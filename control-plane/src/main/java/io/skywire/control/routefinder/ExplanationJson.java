package io.skywire.control.routefinder;

import io.skywire.control.routefinder.RouteExplanation.Candidate;
import io.skywire.control.routefinder.RouteExplanation.Cut;
import io.skywire.control.routefinder.RouteExplanation.Exclusion;
import io.skywire.control.routefinder.RouteExplanation.HopCost;
import io.skywire.control.routefinder.RouteExplanation.Picture;
import io.skywire.control.routefinder.RouteExplanation.Reason;
import io.skywire.control.routefinder.RouteExplanation.Registry;
import io.skywire.control.routefinder.RouteExplanation.Side;
import io.skywire.control.routefinder.RouteExplanation.Standing;
import io.skywire.control.routefinder.RouteExplanation.Verdict;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// An explanation as `/api/v1/routes/explain` tells it. Costs are in microseconds.
record ExplanationJson(
        String from,
        String to,
        RouteQuery.Metric metric,
        int minHops,
        int maxHops,
        SnapshotJson snapshot,
        Kind verdict,
        String detail,
        @Nullable CandidateJson route,
        List<CandidateJson> others,
        List<ExclusionJson> excluded,
        int moreExcluded,
        @Nullable CutJson cut,
        RouteAnswer.Extent extent,
        Registry registry) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    String text() {
        return JSON.writeValueAsString(this);
    }

    enum Kind {
        ROUTE,
        NO_SUCH_NODE,
        NO_ROUTE
    }

    record SnapshotJson(
            long version, Instant createdAt, long ageMillis, int nodes, int transports, Instant blameAsOf) {}

    record CandidateJson(Standing standing, int cost, int extraCost, int extraHops, List<HopJson> hops) {}

    /// `measuredSecondsAgo` is null while nobody has measured.
    record HopJson(
            String transport,
            String from,
            String to,
            int cost,
            PartsJson parts,
            @Nullable Long measuredSecondsAgo) {}

    record PartsJson(int roundTrip, int loss, int load, int hop, int doubt, int settling, int blame) {}

    record ExclusionJson(
            Reason reason, List<String> nodes, @Nullable String transport, String detail) {}

    /// `leastHops` is null unless both ends are joined after all.
    record CutJson(
            SideJson source,
            SideJson target,
            @Nullable Integer leastHops,
            List<ExclusionJson> missing,
            int moreMissing) {}

    record SideJson(int nodes, List<String> members, RouteAnswer.Extent extent) {}

    static ExplanationJson of(RouteExplanation explanation) {
        RouteQuery query = explanation.query();
        Picture picture = explanation.picture();
        Verdict verdict = explanation.verdict();
        return new ExplanationJson(
                query.from().hex(),
                query.to().hex(),
                query.metric(),
                query.minHops(),
                query.maxHops(),
                new SnapshotJson(
                        picture.version(),
                        picture.createdAt(),
                        picture.age().toMillis(),
                        picture.nodes(),
                        picture.transports(),
                        picture.blameAsOf()),
                switch (verdict) {
                    case Verdict.Chosen chosen -> Kind.ROUTE;
                    case Verdict.NoSuchNode stranger -> Kind.NO_SUCH_NODE;
                    case Verdict.NoRoute none -> Kind.NO_ROUTE;
                },
                switch (verdict) {
                    case Verdict.Chosen chosen ->
                        chosen.route().route().hops().size() + " hops for "
                                + chosen.route().cost() + " µs";
                    case Verdict.NoSuchNode stranger ->
                        "node " + stranger.node().hex() + " has never been seen";
                    case Verdict.NoRoute none -> none.detail();
                },
                verdict instanceof Verdict.Chosen chosen ? candidate(chosen.route()) : null,
                verdict instanceof Verdict.Chosen chosen
                        ? chosen.others().stream()
                                .map(ExplanationJson::candidate)
                                .toList()
                        : List.of(),
                explanation.excluded().stream().map(ExplanationJson::exclusion).toList(),
                explanation.moreExcluded(),
                verdict instanceof Verdict.NoRoute none ? cut(none.cut()) : null,
                explanation.extent(),
                explanation.registry());
    }

    private static CandidateJson candidate(Candidate candidate) {
        List<HopJson> hops = new ArrayList<>();
        for (int i = 0; i < candidate.costs().size(); i++) {
            Route.Hop hop = candidate.route().hops().get(i);
            HopCost cost = candidate.costs().get(i);
            hops.add(new HopJson(
                    hop.transport().toString(),
                    hop.from().hex(),
                    hop.to().hex(),
                    cost.sum(),
                    new PartsJson(
                            cost.price().roundTrip(),
                            cost.price().loss(),
                            cost.price().load(),
                            cost.price().hop(),
                            cost.price().doubt(),
                            cost.settling(),
                            cost.blame()),
                    cost.measured().map(Duration::toSeconds).orElse(null)));
        }
        return new CandidateJson(
                candidate.standing(), candidate.cost(), candidate.extraCost(), candidate.extraHops(), hops);
    }

    private static ExclusionJson exclusion(Exclusion exclusion) {
        return new ExclusionJson(
                exclusion.reason(),
                keys(exclusion.nodes()),
                exclusion.transport().map(TransportId::toString).orElse(null),
                exclusion.detail());
    }

    private static CutJson cut(Cut cut) {
        return new CutJson(
                side(cut.source()),
                side(cut.target()),
                cut.leastHops().orElse(null),
                cut.missing().stream().map(ExplanationJson::exclusion).toList(),
                cut.moreMissing());
    }

    private static SideJson side(Side side) {
        return new SideJson(side.nodes(), keys(side.members()), side.extent());
    }

    private static List<String> keys(List<PublicKey> nodes) {
        return nodes.stream().map(PublicKey::hex).toList();
    }
}
