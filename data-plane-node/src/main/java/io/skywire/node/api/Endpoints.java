package io.skywire.node.api;

import io.netty.handler.codec.http.HttpMethod;
import io.skywire.node.api.DialRequest.Path;
import io.skywire.node.api.PublishedView.Protocol;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/// Every path of the API and what it asks of the [NodeApi].
final class Endpoints {
    static final Duration LONGEST_DEADLINE = Duration.ofMinutes(2);
    static final int MOST_HOPS = 64;
    private static final int HIGHEST_PORT = 65_535;
    private static final Duration QUICK = Duration.ofSeconds(15);
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final NodeApi api;
    private final List<Endpoint> all;

    Endpoints(NodeApi api) {
        this.api = api;
        this.all = List.of(
                reading("/v1/status", api::status),
                listing("/v1/transports", TransportView[]::new, api::transports),
                listing("/v1/routes", RouteView[]::new, api::routes),
                listing("/v1/rules", RuleView[]::new, api::rules),
                listing("/v1/sessions", SessionView[]::new, api::sessions),
                listing("/v1/published", PublishedView[]::new, api::published),
                posting("/v1/routes/explain", this::explain),
                posting("/v1/dial", this::dial),
                posting("/v1/hangup", this::hangup),
                posting("/v1/publish", this::publish),
                posting("/v1/trace", this::trace),
                new Endpoint(HttpMethod.DELETE, "/v1/publish/{port}", call -> unpublish(call, Protocol.TCP)),
                new Endpoint(HttpMethod.DELETE, "/v1/publish/udp/{port}", call -> unpublish(call, Protocol.UDP)));
    }

    List<Endpoint> all() {
        return all;
    }

    /// @param template a path whose last part may be `{name}`
    record Endpoint(HttpMethod method, String template, Function<Call, Answer> handler) {
        Optional<String> match(String path) {
            int brace = template.indexOf('{');
            if (brace < 0) {
                return path.equals(template) ? Optional.of("") : Optional.empty();
            }
            String prefix = template.substring(0, brace);
            boolean fits = path.startsWith(prefix) && path.length() > prefix.length();
            return fits && path.indexOf('/', brace) < 0 ? Optional.of(path.substring(brace)) : Optional.empty();
        }
    }

    /// @param parameter what stands for `{name}` of the template, or nothing
    record Call(String parameter, byte[] body) {}

    /// @param within by when the server gives up on it
    record Answer(CompletionStage<? extends Outcome<?>> outcome, Duration within) {}

    private static Endpoint reading(String path, Supplier<?> view) {
        return new Endpoint(
                HttpMethod.GET,
                path,
                call -> new Answer(CompletableFuture.completedFuture(Outcome.done(view.get())), QUICK));
    }

    /// As an array: unlike a list, it tells Jackson the type of its items, and with it the `kind` of a rule.
    private static <T> Endpoint listing(String path, IntFunction<T[]> array, Supplier<List<T>> view) {
        return reading(path, () -> view.get().toArray(array));
    }

    private static Endpoint posting(String path, Function<Body, Answer> handler) {
        return new Endpoint(HttpMethod.POST, path, call -> handler.apply(Body.parse(call.body())));
    }

    private Answer dial(Body body) {
        PublicKey peer = body.key("peer");
        Optional<List<PublicKey>> via = body.keys("via");
        Optional<Integer> minHops = body.optionalNumber("min_hops", 1, MOST_HOPS);
        Optional<Integer> maxHops = body.optionalNumber("max_hops", 1, MOST_HOPS);
        Duration deadline = body.optionalMillis("deadline_ms", LONGEST_DEADLINE).orElse(DialRequest.DEFAULT_DEADLINE);
        body.close();
        if (via.isPresent() && (minHops.isPresent() || maxHops.isPresent())) {
            throw new BadBodyException("via: names the whole path; leave min_hops and max_hops out");
        }
        if (via.isPresent() && via.get().size() >= MOST_HOPS) {
            throw new BadBodyException("via: at most " + (MOST_HOPS - 1) + " nodes lie on a path");
        }
        if (minHops.isPresent() && maxHops.isPresent() && minHops.get() > maxHops.get()) {
            throw new BadBodyException("min_hops: expected at most max_hops, which is " + maxHops.get());
        }
        Path path = via.isPresent() ? new Path.Via(via.get()) : new Path.Any(minHops.orElse(0), maxHops.orElse(0));
        return new Answer(api.dial(new DialRequest(peer, path, deadline)), deadline.plus(GRACE));
    }

    private Answer explain(Body body) {
        PublicKey peer = body.key("peer");
        Optional<Integer> hops = body.optionalNumber("by_hops", 0, 1);
        Optional<Integer> minHops = body.optionalNumber("min_hops", 1, MOST_HOPS);
        Optional<Integer> maxHops = body.optionalNumber("max_hops", 1, MOST_HOPS);
        List<PublicKey> avoid = body.keys("avoid").orElse(List.of());
        body.close();
        if (avoid.size() > ExplainRequest.MOST_AVOIDED) {
            throw new BadBodyException("avoid: at most " + ExplainRequest.MOST_AVOIDED + " nodes");
        }
        return new Answer(
                api.explain(new ExplainRequest(
                        peer,
                        hops.orElse(0) == 1 ? ExplainRequest.Metric.HOPS : ExplainRequest.Metric.COST,
                        minHops.orElse(0),
                        maxHops.orElse(0),
                        avoid)),
                QUICK);
    }

    private Answer hangup(Body body) {
        PublicKey peer = body.key("peer");
        body.close();
        return new Answer(api.hangup(peer), QUICK);
    }

    private Answer publish(Body body) {
        int port = body.number("port", 1, HIGHEST_PORT);
        Protocol protocol =
                body.optionalText("protocol").map(Endpoints::protocol).orElse(Protocol.TCP);
        String target = body.text("target", "host:port");
        Optional<List<PublicKey>> allow = body.keys("allow");
        body.close();
        if (allow.isPresent() && allow.get().isEmpty()) {
            throw new BadBodyException("allow: nobody could connect; leave allow out to let everyone in");
        }
        return new Answer(api.publish(new PublishedView(port, protocol, target, allow)), QUICK);
    }

    private static Protocol protocol(String text) {
        return switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw new BadBodyException("protocol: expected tcp or udp");
        };
    }

    private Answer unpublish(Call call, Protocol protocol) {
        int port;
        try {
            port = Integer.parseInt(call.parameter());
        } catch (NumberFormatException notNumber) {
            port = 0;
        }
        if (port < 1 || port > HIGHEST_PORT) {
            throw new BadBodyException("port: expected a whole number between 1 and " + HIGHEST_PORT);
        }
        return new Answer(api.unpublish(port, protocol), QUICK);
    }

    private Answer trace(Body body) {
        PublicKey peer = body.key("peer");
        int count = body.optionalNumber("count", 1, TraceRequest.MOST).orElse(TraceRequest.DEFAULT_COUNT);
        body.close();
        TraceRequest request = new TraceRequest(peer, count);
        return new Answer(api.trace(request), request.deadline().plus(GRACE));
    }
}
