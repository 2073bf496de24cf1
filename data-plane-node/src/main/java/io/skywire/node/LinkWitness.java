package io.skywire.node;

import io.skywire.node.control.ControlLink;
import io.skywire.node.router.Router;
import io.skywire.node.transport.LinkFailure;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells everybody who must know of links: the router before the control plane, so that a rule that the news brings
/// finds its link.
record LinkWitness(Router router, ControlLink control, NodeCounters counters) implements TransportListener {
    private static final Logger log = LoggerFactory.getLogger(LinkWitness.class);

    @Override
    public void up(Transport transport) {
        log.info(
                "transport {} to node {} is up",
                transport.id(),
                transport.remote().shortHex());
        router.up(transport);
        control.up(transport);
    }

    @Override
    public void down(Transport transport, String reason) {
        log.info(
                "transport {} to node {} is down: {}",
                transport.id(),
                transport.remote().shortHex(),
                reason);
        counters.linkEnded(transport.snapshot());
        router.down(transport, reason);
        control.down(transport, reason);
    }

    @Override
    public void failed(LinkFailure kind, String detail) {
        if (counters.linkFailed(kind) == 1) {
            log.warn("no link: kind={} detail=\"{}\" (logged once, then counted)", kind, detail);
        }
    }

    @Override
    public void measured(TransportId id, LinkMeasurement measured) {
        control.measured(id, measured);
    }
}
