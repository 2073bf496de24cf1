package io.skywire.control.rules;

import io.skywire.shared.rule.SignedRuleDelta;

/// Takes signed deltas to one node. Called from one thread at a time, never from the caller's own.
public interface RuleWatcher {
    /// Whether a delta could leave at once. If not, call [RuleWatch.Subscription#wake()] when it can.
    boolean isReady();

    /// Sends the delta. Must not wait for the answer, which may arrive before this returns.
    void deliver(SignedRuleDelta delta);
}
