package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;

/// A node holds all rules up to `revision`, except those that a [RuleRefused] before this named.
public record RulesAcknowledged(PublicKey node, long revision) {}
