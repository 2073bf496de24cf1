package io.skywire.control.agent;

import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.Replicas;
import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Keeps the sessions here and what the database says of them in step: a node whose newest session is on another
/// replica loses the one here, and what an outage or a crash of the database lost is written again.
///
/// Woken by the other replica's word, by the database's return, and each minute for what neither told.
@Component
final class TakenOver implements InitializingBean, ChangeFeed.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(TakenOver.class);
    private static final int BATCH = 1000;

    private final AgentSessions sessions;
    private final StoredSessions stored;
    private final Replicas replicas;
    private final ChangeFeed changes;
    private final ReentrantLock one = new ReentrantLock();

    TakenOver(AgentSessions sessions, StoredSessions stored, Replicas replicas, ChangeFeed changes) {
        this.sessions = sessions;
        this.stored = stored;
        this.replicas = replicas;
        this.changes = changes;
    }

    @Override
    public void afterPropertiesSet() {
        changes.listen(ChangeFeed.Topic.SESSIONS, this);
        replicas.onReturn(this::missed);
    }

    @Override
    public void told(List<String> names) {
        List<PublicKey> nodes = names.stream().map(PublicKey::parse).toList();
        soon(() -> endThoseHeldElsewhere(nodes));
    }

    @Override
    public void missed() {
        soon(this::compare);
    }

    private static void soon(Runnable work) {
        Thread.ofVirtual().name("agent-taken-over").start(work);
    }

    @Scheduled(
            initialDelayString = "${skywire.agent.compare-interval:1m}",
            fixedDelayString = "${skywire.agent.compare-interval:1m}")
    void compare() {
        if (!one.tryLock()) {
            return;
        }
        try {
            List<PublicKey> all = new ArrayList<>(sessions.connected());
            for (int from = 0; from < all.size(); from += BATCH) {
                compare(all.subList(from, Math.min(all.size(), from + BATCH)));
            }
            stored.forgetOthers(sessions.connected());
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("sessions are compared when the database is back: {}", away.getMessage());
        } finally {
            one.unlock();
        }
    }

    private void compare(List<PublicKey> nodes) {
        Map<PublicKey, AgentSession> here = sessions.written(nodes);
        here.keySet().removeAll(endThoseHeldElsewhere(here));
        stored.putMissing(here.keySet());
        // One that ended in between stands there again.
        List<PublicKey> over = here.keySet().stream()
                .filter(node -> !sessions.isConnected(node))
                .toList();
        if (!over.isEmpty()) {
            stored.remove(over);
        }
    }

    private void endThoseHeldElsewhere(Collection<PublicKey> nodes) {
        try {
            var unused = endThoseHeldElsewhere(sessions.written(nodes));
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("sessions are compared when the database is back: {}", away.getMessage());
        }
    }

    /// Which session is held where is asked after they were looked up: one that begins meanwhile is not ended.
    private Set<PublicKey> endThoseHeldElsewhere(Map<PublicKey, AgentSession> here) {
        Set<PublicKey> elsewhere = here.isEmpty() ? Set.of() : stored.heldElsewhere(here.keySet());
        elsewhere.forEach(node -> {
            AgentSession session = here.get(node);
            if (session != null) {
                sessions.takenOver(session);
            }
        });
        return elsewhere;
    }
}
