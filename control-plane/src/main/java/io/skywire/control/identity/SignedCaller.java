package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;

/// Who signed the HTTP request that is being handled. See [SignedPaths].
public record SignedCaller(PublicKey key) {
    /// The request attribute that holds it.
    public static final String ATTRIBUTE = "io.skywire.control.identity.SignedCaller";
}
