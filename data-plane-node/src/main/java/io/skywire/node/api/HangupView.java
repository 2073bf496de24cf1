package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.SessionUid;

/// A session that was ended.
public record HangupView(PublicKey peer, SessionUid session) {}
