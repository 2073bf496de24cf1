package io.skywire.control.agent;

import com.google.protobuf.ByteString;
import io.skywire.control.routefinder.Route;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.routefinder.RouteReasons;
import io.skywire.proto.v1.ExplainAnswer;
import io.skywire.proto.v1.ExplainQuestion;
import io.skywire.proto.v1.FoundHop;
import io.skywire.proto.v1.FoundRoute;
import io.skywire.proto.v1.FoundRoutes;
import io.skywire.proto.v1.PairAnswer;
import io.skywire.proto.v1.PairRefusal;
import io.skywire.proto.v1.PairRefusalReason;
import io.skywire.proto.v1.RoutePair;
import io.skywire.proto.v1.RoutesAnswer;
import io.skywire.proto.v1.RoutesQuestion;
import io.skywire.shared.key.PublicKey;
import java.util.HashSet;
import java.util.Set;

/// Answers each pair of a [RoutesQuestion] for itself: a bad pair says why, and the others have their routes.
final class RouteQuestions {
    static final int MAX_PAIRS = 64;
    static final int ID_LENGTH = 16;
    private static final int MAX_AVOIDED = 64;

    private RouteQuestions() {}

    /// @throws IllegalArgumentException if the question as a whole cannot be: no id, too many pairs, impossible hops
    static RoutesAnswer answer(RoutesQuestion question, RouteFinder finder) {
        if (question.getQuestionId().size() != ID_LENGTH) {
            throw new IllegalArgumentException("a question id has " + ID_LENGTH + " bytes, not "
                    + question.getQuestionId().size());
        }
        if (question.getPairsCount() < 1 || question.getPairsCount() > MAX_PAIRS) {
            throw new IllegalArgumentException(
                    "a question has 1 to " + MAX_PAIRS + " pairs, not " + question.getPairsCount());
        }
        int maxHops = question.getMaxHops() == 0 ? RouteQuery.MAX_HOPS : question.getMaxHops();
        int count = question.getCount() == 0 ? 1 : question.getCount();
        RoutesAnswer.Builder answer = RoutesAnswer.newBuilder().setQuestionId(question.getQuestionId());
        for (RoutePair pair : question.getPairsList()) {
            PublicKey from;
            PublicKey to;
            try {
                from = PublicKey.of(pair.getFrom().toByteArray());
                to = PublicKey.of(pair.getTo().toByteArray());
            } catch (IllegalArgumentException noKey) {
                answer.addPairs(
                        refused(PairRefusalReason.PAIR_REFUSAL_REASON_MALFORMED, String.valueOf(noKey.getMessage())));
                continue;
            }
            // Outside of the try: numbers that cannot be are a fault of the question, not of a pair.
            RouteQuery query = new RouteQuery(from, to, question.getMinHops(), maxHops, count, Set.of(), Set.of());
            if (from.equals(to)) {
                answer.addPairs(refused(
                        PairRefusalReason.PAIR_REFUSAL_REASON_MALFORMED, "source and destination are one node"));
                continue;
            }
            RouteAnswer found = finder.find(query);
            answer.setTopologyVersion(found.topologyVersion());
            answer.addPairs(toProto(found));
        }
        return answer.build();
    }

    /// Explains the route from the node that asks.
    ///
    /// @throws IllegalArgumentException if the question has no id or avoids too many
    static ExplainAnswer explain(ExplainQuestion question, PublicKey node, RouteReasons reasons) {
        if (question.getQuestionId().size() != ID_LENGTH || question.getAvoidNodesCount() > MAX_AVOIDED) {
            throw new IllegalArgumentException(
                    "a question has an id of " + ID_LENGTH + " bytes and avoids at most " + MAX_AVOIDED + " nodes");
        }
        ExplainAnswer.Builder answer = ExplainAnswer.newBuilder().setQuestionId(question.getQuestionId());
        try {
            Set<PublicKey> avoid = new HashSet<>();
            question.getAvoidNodesList().forEach(key -> avoid.add(PublicKey.of(key.toByteArray())));
            RouteQuery query = new RouteQuery(
                    node,
                    PublicKey.of(question.getTo().toByteArray()),
                    question.getMinHops(),
                    question.getMaxHops() == 0 ? RouteQuery.MAX_HOPS : question.getMaxHops(),
                    1,
                    avoid,
                    Set.of());
            RouteQuery.Metric metric = switch (question.getMetric()) {
                case ROUTE_METRIC_HOPS -> RouteQuery.Metric.HOPS;
                case ROUTE_METRIC_UNSPECIFIED, ROUTE_METRIC_COST -> RouteQuery.Metric.COST;
                case UNRECOGNIZED -> throw new IllegalArgumentException("the metric is unknown here");
            };
            return answer.setExplanation(reasons.explain(query.by(metric)).json())
                    .build();
        } catch (IllegalArgumentException impossible) {
            return answer.setRefusal(AgentMessages.text(String.valueOf(impossible.getMessage())))
                    .build();
        }
    }

    private static PairAnswer.Builder toProto(RouteAnswer answer) {
        return switch (answer) {
            case RouteAnswer.Found found -> {
                FoundRoutes.Builder routes = FoundRoutes.newBuilder();
                found.routes().forEach(route -> routes.addRoutes(toProto(route)));
                yield PairAnswer.newBuilder().setFound(routes);
            }
            case RouteAnswer.NoSuchNode stranger ->
                refused(
                        PairRefusalReason.PAIR_REFUSAL_REASON_NO_SUCH_NODE,
                        "node " + stranger.node().hex() + " was never seen");
            case RouteAnswer.NoRoute none -> refused(PairRefusalReason.PAIR_REFUSAL_REASON_NO_ROUTE, none.detail());
            case RouteAnswer.InvalidPath invalid ->
                refused(PairRefusalReason.PAIR_REFUSAL_REASON_NO_ROUTE, invalid.detail());
        };
    }

    private static FoundRoute toProto(Route route) {
        FoundRoute.Builder proto = FoundRoute.newBuilder().setMaxPayload(route.maxPayload());
        route.hops()
                .forEach(hop -> proto.addHops(FoundHop.newBuilder()
                        .setTransport(ByteString.copyFrom(hop.transport().bytes()))
                        .setFrom(ByteString.copyFrom(hop.from().bytes()))
                        .setTo(ByteString.copyFrom(hop.to().bytes()))));
        return proto.build();
    }

    private static PairAnswer.Builder refused(PairRefusalReason reason, String detail) {
        return PairAnswer.newBuilder()
                .setRefused(PairRefusal.newBuilder().setReason(reason).setDetail(AgentMessages.text(detail)));
    }
}
