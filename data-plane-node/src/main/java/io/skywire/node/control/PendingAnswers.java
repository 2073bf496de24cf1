package io.skywire.node.control;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Questions that wait for an answer in this session. Bounded; not thread-safe.
final class PendingAnswers<T> {
    private static final int MOST = 16;

    private final Map<ByteString, CompletableFuture<T>> byId = new HashMap<>();

    /// Whether there was room.
    boolean add(ByteString id, CompletableFuture<T> answer) {
        if (byId.size() >= MOST) {
            return false;
        }
        byId.put(id, answer);
        return true;
    }

    void complete(ByteString id, T answer) {
        CompletableFuture<T> waiting = byId.remove(id);
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    void completeAll(T answer) {
        Map<ByteString, CompletableFuture<T>> all = Map.copyOf(byId);
        byId.clear();
        all.values().forEach(waiting -> waiting.complete(answer));
    }
}
