package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.proto.v1.ExplainAnswer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Questions why a route is what it is that wait for an answer. Bounded; not thread-safe. Ends with the session: nobody
/// asks again for a person who may have gone.
final class PendingWhys {
    private static final int MOST = 64;

    private final Map<ByteString, CompletableFuture<RouteWhy.Answer>> byId = new HashMap<>();

    /// Whether there was room; if not, `answer` is completed.
    boolean add(ByteString id, CompletableFuture<RouteWhy.Answer> answer) {
        if (byId.size() >= MOST) {
            answer.complete(new RouteWhy.Answer.Away(MOST + " such questions wait already"));
            return false;
        }
        byId.put(id, answer);
        return true;
    }

    void complete(ExplainAnswer told) {
        complete(
                told.getQuestionId(),
                told.hasExplanation()
                        ? new RouteWhy.Answer.Told(told.getExplanation())
                        : new RouteWhy.Answer.Refused(told.getRefusal()));
    }

    void complete(ByteString id, RouteWhy.Answer answer) {
        CompletableFuture<RouteWhy.Answer> waiting = byId.remove(id);
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    void failAll(String why) {
        Map<ByteString, CompletableFuture<RouteWhy.Answer>> all = Map.copyOf(byId);
        byId.clear();
        all.values().forEach(waiting -> waiting.complete(new RouteWhy.Answer.Away(why)));
    }
}
