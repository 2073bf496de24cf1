package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.DialBackAnswer;
import io.skywire.proto.v1.DialBackQuestion;
import io.skywire.proto.v1.DialledBack;
import io.skywire.proto.v1.NeighboursAnswer;
import io.skywire.proto.v1.NeighboursQuestion;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What a session asks about who can be dialled. Lives on the control thread.
final class ReachQuestions {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final DialBack AWAY = new DialBack.Unanswered("there is no session with a control plane now");

    private final ScheduledExecutorService executor;
    private final RandomGenerator random;
    private final Consumer<AgentMessage.Builder> send;
    private final PendingAnswers<DialBack> dialBacks = new PendingAnswers<>();
    private final PendingAnswers<KnownReach> neighbours = new PendingAnswers<>();
    private Support support = Support.NO_SESSION;

    private enum Support {
        NO_SESSION,
        MISSING,
        THERE
    }

    ReachQuestions(ScheduledExecutorService executor, RandomGenerator random, Consumer<AgentMessage.Builder> send) {
        this.executor = executor;
        this.random = random;
        this.send = send;
    }

    void sessionIsUp(io.skywire.proto.v1.Welcome welcome) {
        support = welcome.getDialsBack() ? Support.THERE : Support.MISSING;
    }

    void sessionEnded() {
        support = Support.NO_SESSION;
        dialBacks.completeAll(AWAY);
        neighbours.completeAll(KnownReach.NOTHING);
    }

    void dialBack(List<String> addresses, CompletableFuture<DialBack> answer) {
        ByteString id = id();
        switch (support) {
            case NO_SESSION -> answer.complete(AWAY);
            case MISSING -> answer.complete(new DialBack.Unanswered("this control plane dials nobody back"));
            case THERE -> {
                if (dialBacks.add(id, answer)) {
                    send.accept(AgentMessage.newBuilder()
                            .setDialBack(DialBackQuestion.newBuilder()
                                    .setQuestionId(id)
                                    .addAllAddresses(addresses)));
                    later(() -> dialBacks.complete(
                            id, new DialBack.Unanswered("no answer within " + PATIENCE.toSeconds() + " s")));
                } else {
                    answer.complete(new DialBack.Unanswered("too many such questions wait already"));
                }
            }
        }
    }

    void neighbours(Collection<PublicKey> nodes, CompletableFuture<KnownReach> answer) {
        ByteString id = id();
        if (support == Support.THERE && neighbours.add(id, answer)) {
            NeighboursQuestion.Builder question =
                    NeighboursQuestion.newBuilder().setQuestionId(id);
            nodes.forEach(node -> question.addNodes(ByteString.copyFrom(node.bytes())));
            send.accept(AgentMessage.newBuilder().setNeighbours(question));
            later(() -> neighbours.complete(id, KnownReach.NOTHING));
        } else {
            answer.complete(KnownReach.NOTHING);
        }
    }

    void received(DialBackAnswer told) {
        dialBacks.complete(
                told.getQuestionId(),
                told.getRetryAfterMs() != 0
                        ? new DialBack.TooSoon(Duration.ofMillis(Integer.toUnsignedLong(told.getRetryAfterMs())))
                        : new DialBack.Told(
                                told.getSeen(),
                                told.getAddressesList().stream()
                                        .map(ReachQuestions::dialled)
                                        .toList()));
    }

    private static DialBack.Dialled dialled(DialledBack told) {
        DialBack.Outcome outcome = switch (told.getOutcome()) {
            case DIAL_BACK_OUTCOME_REACHABLE -> DialBack.Outcome.REACHABLE;
            case DIAL_BACK_OUTCOME_REFUSED -> DialBack.Outcome.REFUSED;
            case DIAL_BACK_OUTCOME_TIMED_OUT -> DialBack.Outcome.TIMED_OUT;
            case DIAL_BACK_OUTCOME_OTHER_KEY -> DialBack.Outcome.OTHER_KEY;
            case DIAL_BACK_OUTCOME_FORBIDDEN -> DialBack.Outcome.FORBIDDEN;
            // What a newer control plane says in words of its own decides nothing here.
            case DIAL_BACK_OUTCOME_BUSY, DIAL_BACK_OUTCOME_UNSPECIFIED, UNRECOGNIZED -> DialBack.Outcome.BUSY;
        };
        return new DialBack.Dialled(told.getAsked(), told.getDialled(), outcome, told.getDetail());
    }

    void received(NeighboursAnswer told) {
        KnownReach known;
        try {
            known = new KnownReach(keys(told.getReachableList()), keys(told.getUnreachableList()));
        } catch (IllegalArgumentException malformed) {
            known = KnownReach.NOTHING;
        }
        neighbours.complete(told.getQuestionId(), known);
    }

    private static Set<PublicKey> keys(List<ByteString> keys) {
        Set<PublicKey> parsed = new HashSet<>();
        keys.forEach(key -> parsed.add(PublicKey.of(key.toByteArray())));
        return parsed;
    }

    private void later(Runnable step) {
        var unused = executor.schedule(step, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private ByteString id() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return ByteString.copyFrom(id);
    }
}
