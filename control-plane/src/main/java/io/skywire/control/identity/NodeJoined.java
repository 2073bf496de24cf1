package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;

/// A node has proved its key for the first time. Listen with `@TransactionalEventListener`.
public record NodeJoined(PublicKey node) {}
