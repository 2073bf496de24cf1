package io.skywire.node.messaging;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// At which servers peers wait, as the discovery said a short while ago. Bounded. Not thread-safe; time comes with each
/// call, in nanoseconds that run on evenly.
final class PeerLookups {
    private static final int REMEMBERED = 1_024;

    private final long life;
    private final Map<PublicKey, Answer> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PublicKey, Answer> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Answer(List<PublicKey> servers, long at) {}

    PeerLookups(Duration life) {
        this.life = life.toNanos();
    }

    Optional<List<PublicKey>> fresh(PublicKey peer, long now) {
        return Optional.ofNullable(answers.get(peer))
                .filter(answer -> now - answer.at < life)
                .map(Answer::servers);
    }

    void learn(PublicKey peer, List<PublicKey> servers, long now) {
        answers.put(peer, new Answer(List.copyOf(servers), now));
    }

    /// The peer was not where it was said to be.
    void forget(PublicKey peer) {
        answers.remove(peer);
    }
}
