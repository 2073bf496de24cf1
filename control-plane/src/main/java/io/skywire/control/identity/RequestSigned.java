package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;

/// A key has just signed an HTTP request: its node is alive. Published before the request is handled, outside of any
/// transaction, on the request's thread.
public record RequestSigned(PublicKey key) {}
