package io.skywire.control.routefinder;

import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.PublicKey;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// `POST /routes` as stock visors ask it. They take the first route of each pair without looking, so an answer holds a
/// route for every pair or is 404; and as they give up on 404 but try again on anything else, an outage is 503.
@RestController
final class StockRoutesController {
    private static final Logger LOG = LoggerFactory.getLogger(StockRoutesController.class);
    private static final int MAX_BODY = 64 * 1024;
    private static final int COUNT = 5;

    private final RouteFinder finder;
    private final TopologySource topologies;
    private final SecureRandom random;

    StockRoutesController(RouteFinder finder, TopologySource topologies, SecureRandom random) {
        this.finder = finder;
        this.topologies = topologies;
        this.random = random;
    }

    /// Why a pair has no route, in the words of stock route finders.
    private static final class NoRouteFor extends Exception {
        private static final long serialVersionUID = 1L;

        NoRouteFor(String message) {
            super(message);
        }
    }

    @PostMapping("/routes")
    ResponseEntity<String> routes(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            return error(HttpStatus.CONTENT_TOO_LARGE, "the body is larger than " + MAX_BODY + " bytes");
        }
        StockRouteQuestion question;
        try {
            question = StockRouteQuestion.parse(body);
        } catch (IllegalArgumentException malformed) {
            return error(HttpStatus.BAD_REQUEST, String.valueOf(malformed.getMessage()));
        }
        Topology topology = topologies.settled();
        Map<StockRouteQuestion.Pair, List<Route>> answer = new LinkedHashMap<>();
        try {
            for (StockRouteQuestion.Pair pair : question.pairs()) {
                answer.put(pair, routes(topology, pair, question));
            }
        } catch (NoRouteFor none) {
            try {
                topologies.requireTruth();
            } catch (DataAccessException | TransactionException away) {
                LOG.warn(
                        "no route found, and the database cannot be asked: {}",
                        away.getClass().getSimpleName());
                return error(HttpStatus.SERVICE_UNAVAILABLE, "the control plane cannot work now; try again");
            }
            return error(HttpStatus.NOT_FOUND, String.valueOf(none.getMessage()));
        }
        return answer(HttpStatus.OK, StockRouteQuestion.answer(answer));
    }

    private List<Route> routes(Topology topology, StockRouteQuestion.Pair pair, StockRouteQuestion question)
            throws NoRouteFor {
        int max = Math.min(question.maxHops(), RouteQuery.MAX_HOPS);
        if (max < 1 || question.minHops() > max) {
            throw new NoRouteFor("route not found");
        }
        if (pair.from().equals(pair.to())) {
            List<Route> loops = loops(topology, pair, question.minHops(), max);
            if (loops.isEmpty()) {
                throw new NoRouteFor("route not found");
            }
            return loops;
        }
        RouteQuery query = new RouteQuery(pair.from(), pair.to(), question.minHops(), max, COUNT, Set.of(), Set.of());
        return switch (finder.find(query)) {
            case RouteAnswer.Found found -> found.routes();
            case RouteAnswer.NoSuchNode noSuchNode -> throw new NoRouteFor("transport not found");
            case RouteAnswer.NoRoute noRoute -> throw new NoRouteFor("no route to destination");
            case RouteAnswer.InvalidPath invalidPath -> throw new NoRouteFor("route not found");
        };
    }

    /// There and back over a neighbour, which is how a visor measures its links.
    private List<Route> loops(Topology topology, StockRouteQuestion.Pair pair, int min, int max) {
        OptionalInt node = topology.find(pair.from());
        if (node.isEmpty() || min > 2 || max < 2) {
            return List.of();
        }
        List<Route> loops = new ArrayList<>();
        int[] lanes = topology.lanes(node.getAsInt());
        int count = Lanes.count(lanes);
        for (int i = 0; i < count; i++) {
            if (Lanes.isFirst(lanes, i)) {
                int transport = Lanes.transport(lanes, count, i);
                PublicKey neighbour = topology.node(Lanes.to(lanes, i));
                Route.Hop there = new Route.Hop(
                        topology.transport(transport), pair.from(), neighbour, topology.maxPayload(transport));
                loops.add(new Route(
                        List.of(there, new Route.Hop(there.transport(), neighbour, pair.from(), there.maxPayload()))));
            }
        }
        Collections.shuffle(loops, random);
        return loops.subList(0, Math.min(COUNT, loops.size()));
    }

    private static ResponseEntity<String> error(HttpStatus status, String message) {
        return answer(status, StockRouteQuestion.error(message, status.value()));
    }

    private static ResponseEntity<String> answer(HttpStatus status, String body) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON);
        if (status == HttpStatus.SERVICE_UNAVAILABLE) {
            answer.header("Retry-After", "2");
        }
        return answer.body(body + "\n");
    }
}
