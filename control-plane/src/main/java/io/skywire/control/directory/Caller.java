package io.skywire.control.directory;

import io.skywire.shared.key.PublicKey;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/// The authenticated caller of a request: the key that the filter for signed requests has checked and left there.
final class Caller {
    static final String ATTRIBUTE = "io.skywire.identity.caller";

    private Caller() {}

    /// Empty if nobody checked a signature on this request.
    static Optional<PublicKey> of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof PublicKey key ? Optional.of(key) : Optional.empty();
    }
}
