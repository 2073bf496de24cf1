package io.skywire.node.session;

import io.skywire.shared.rule.SessionUid;
import java.time.Duration;

/// How an application round trip over a session ended.
public sealed interface PingAnswer {
    record Answered(SessionUid session, Duration roundTrip) implements PingAnswer {}

    /// `detail` is for people.
    record Unanswered(String detail) implements PingAnswer {}
}
