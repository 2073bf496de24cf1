package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;

/// A node refused the delta that led to `revision`, and nothing else is tried before its rules change again.
public record DeltaRefused(PublicKey node, long revision, Reason reason, String detail) {
    public enum Reason {
        UNLISTED_SIGNER,
        BAD_SIGNATURE,
        OTHER_NODE,
        OLD_REVISION,
        REVISION_GAP,
        MALFORMED
    }
}
