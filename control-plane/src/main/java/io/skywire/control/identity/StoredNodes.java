package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The node directory in PostgreSQL.
@Service
class StoredNodes implements NodeDirectory {
    private static final int MAX_SOFTWARE = 100;

    private final NodeRepository nodes;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;

    StoredNodes(NodeRepository nodes, ApplicationEventPublisher events, InstantSource clock) {
        this.nodes = nodes;
        this.events = events;
        this.clock = clock;
    }

    @Override
    @Transactional
    public void seen(PublicKey node, String software) {
        Instant now = clock.instant();
        String told = printable(software);
        if (nodes.insertIfAbsent(node.bytes(), told, now) == 1) {
            events.publishEvent(new NodeJoined(node));
        } else {
            nodes.touch(node.bytes(), told, now);
        }
    }

    @Override
    @Transactional(readOnly = true)
    public boolean isKnown(PublicKey node) {
        return nodes.existsById(node.bytes());
    }

    @Override
    @Transactional(readOnly = true)
    public long count() {
        return nodes.count();
    }

    @Override
    @Transactional(readOnly = true)
    public List<PublicKey> all() {
        return nodes.allKeys().stream().map(PublicKey::of).toList();
    }

    /// What a stranger says of itself goes into logs and pages: no control characters (PostgreSQL refuses NUL), no end.
    private static String printable(String software) {
        String cut = software.length() <= MAX_SOFTWARE ? software : software.substring(0, MAX_SOFTWARE);
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
