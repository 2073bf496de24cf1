package io.skywire.shared.key;

/// Bytes or text that are no key or no signature. The message says what was wrong and never holds a secret.
public final class InvalidKeyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidKeyException(String message) {
        super(message);
    }
}
