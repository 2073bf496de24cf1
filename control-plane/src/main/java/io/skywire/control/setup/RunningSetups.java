package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/// Who waits for what: the running setups of this replica by the nodes and by the route of their present plan.
@Component
final class RunningSetups {
    private final ConcurrentHashMap<PublicKey, Set<RunningSetup>> byNode = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<RouteUid, RunningSetup> byRoute = new ConcurrentHashMap<>();

    void follow(Placement placement, RunningSetup setup) {
        forget(setup);
        setup.followed(Optional.of(placement));
        byRoute.put(placement.route(), setup);
        for (PublicKey node : placement.nodes()) {
            byNode.compute(node, (key, waiting) -> {
                Set<RunningSetup> more = waiting == null ? ConcurrentHashMap.newKeySet() : waiting;
                more.add(setup);
                return more;
            });
        }
    }

    void forget(RunningSetup setup) {
        Optional<Placement> followed = setup.followed();
        if (followed.isEmpty()) {
            return;
        }
        setup.followed(Optional.empty());
        byRoute.remove(followed.get().route(), setup);
        for (PublicKey node : followed.get().nodes()) {
            byNode.computeIfPresent(node, (key, waiting) -> {
                waiting.remove(setup);
                return waiting.isEmpty() ? null : waiting;
            });
        }
    }

    void tellThoseOn(PublicKey node, SetupEvent event) {
        byNode.getOrDefault(node, Set.of()).forEach(setup -> setup.tell(event));
    }

    /// False if no setup that is still running has this route as its plan.
    boolean tell(RouteUid route, SetupEvent event) {
        return Optional.ofNullable(byRoute.get(route))
                .map(setup -> setup.tell(event))
                .orElse(false);
    }

    /// As [#tell], if the route was asked for by `reporter`.
    boolean tellInitiator(PublicKey reporter, RouteUid route, SetupEvent event) {
        RunningSetup setup = byRoute.get(route);
        if (setup != null && setup.request().initiator().equals(reporter)) {
            setup.tell(event);
        }
        return setup != null;
    }

    void tellAll(Collection<? extends SetupEvent> events) {
        for (RunningSetup setup : byRoute.values()) {
            events.forEach(setup::tell);
        }
    }
}
