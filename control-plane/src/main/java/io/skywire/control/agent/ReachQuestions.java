package io.skywire.control.agent;

import com.google.protobuf.ByteString;
import io.skywire.control.directory.NodeBook;
import io.skywire.control.directory.Reachability;
import io.skywire.control.reachability.DialBackReport;
import io.skywire.control.reachability.DialBacks;
import io.skywire.proto.v1.DialBackAnswer;
import io.skywire.proto.v1.DialBackOutcome;
import io.skywire.proto.v1.DialBackQuestion;
import io.skywire.proto.v1.DialledBack;
import io.skywire.proto.v1.NeighboursAnswer;
import io.skywire.proto.v1.NeighboursQuestion;
import io.skywire.shared.key.PublicKey;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Translates what agents ask about who can be dialled.
final class ReachQuestions {
    private static final int ID_LENGTH = 16;
    private static final int MOST_NODES = 64;

    private ReachQuestions() {}

    /// @throws IllegalArgumentException if the question cannot be
    static CompletionStage<DialBackAnswer> dialBack(
            DialBackQuestion question, PublicKey node, InetAddress source, DialBacks dialBacks) {
        requireId(question.getQuestionId());
        return dialBacks
                .ask(node, source, List.copyOf(question.getAddressesList()))
                .thenApply(report -> toProto(question.getQuestionId(), report));
    }

    /// The answer where nothing is known of where the session comes from.
    static CompletionStage<DialBackAnswer> fromNowhere(DialBackQuestion question) {
        requireId(question.getQuestionId());
        DialBackAnswer.Builder answer = DialBackAnswer.newBuilder().setQuestionId(question.getQuestionId());
        question.getAddressesList().stream()
                .limit(DialBacks.MOST_ADDRESSES)
                .forEach(address -> answer.addAddresses(DialledBack.newBuilder()
                        .setAsked(AgentMessages.text(address))
                        .setOutcome(DialBackOutcome.DIAL_BACK_OUTCOME_FORBIDDEN)
                        .setDetail("this session comes over no IP connection")));
        return CompletableFuture.completedFuture(answer.build());
    }

    private static DialBackAnswer toProto(ByteString id, DialBackReport report) {
        DialBackAnswer.Builder answer = DialBackAnswer.newBuilder()
                .setQuestionId(id)
                .setSeen(report.seen().getHostAddress())
                .setRetryAfterMs(Math.toIntExact(report.retryAfter()
                        .map(Duration::toMillis)
                        .map(millis -> Math.clamp(millis, 1, Duration.ofDays(1).toMillis()))
                        .orElse(0L)));
        report.dialled()
                .forEach(dialled -> answer.addAddresses(DialledBack.newBuilder()
                        .setAsked(dialled.asked())
                        .setDialled(dialled.target())
                        .setOutcome(toProto(dialled.outcome()))
                        .setDetail(AgentMessages.text(dialled.detail()))));
        return answer.build();
    }

    private static DialBackOutcome toProto(DialBackReport.Outcome outcome) {
        return switch (outcome) {
            case REACHABLE -> DialBackOutcome.DIAL_BACK_OUTCOME_REACHABLE;
            case REFUSED -> DialBackOutcome.DIAL_BACK_OUTCOME_REFUSED;
            case TIMED_OUT -> DialBackOutcome.DIAL_BACK_OUTCOME_TIMED_OUT;
            case OTHER_KEY -> DialBackOutcome.DIAL_BACK_OUTCOME_OTHER_KEY;
            case FORBIDDEN -> DialBackOutcome.DIAL_BACK_OUTCOME_FORBIDDEN;
            case BUSY -> DialBackOutcome.DIAL_BACK_OUTCOME_BUSY;
        };
    }

    /// @throws IllegalArgumentException if the question cannot be
    static NeighboursAnswer neighbours(NeighboursQuestion question, NodeBook book) {
        requireId(question.getQuestionId());
        if (question.getNodesCount() < 1 || question.getNodesCount() > MOST_NODES) {
            throw new IllegalArgumentException(
                    "a question names 1 to " + MOST_NODES + " nodes, not " + question.getNodesCount());
        }
        List<PublicKey> nodes = question.getNodesList().stream()
                .map(key -> PublicKey.of(key.toByteArray()))
                .toList();
        NeighboursAnswer.Builder answer = NeighboursAnswer.newBuilder().setQuestionId(question.getQuestionId());
        book.reachability(nodes).forEach((node, known) -> {
            ByteString key = ByteString.copyFrom(node.bytes());
            if (known == Reachability.YES) {
                answer.addReachable(key);
            } else {
                answer.addUnreachable(key);
            }
        });
        return answer.build();
    }

    private static void requireId(ByteString id) {
        if (id.size() != ID_LENGTH) {
            throw new IllegalArgumentException("a question id has " + ID_LENGTH + " bytes, not " + id.size());
        }
    }
}
