package io.skywire.control.identity;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.util.HexFormat;

/// Keys and signatures as stock clients write them, refused with the words that they know. Hex only, in either case.
///
/// The null key, which stock decoders take from any row of zeros, is nobody and refused.
public final class StockKeys {
    private StockKeys() {}

    /// @throws InvalidKeyException with the stock text
    public static PublicKey publicKey(String text) {
        byte[] bytes = hex(text, "Invalid public key");
        if (text.chars().allMatch(c -> c == '0')) {
            throw new InvalidKeyException("Invalid public key");
        }
        if (bytes.length != PublicKey.LENGTH) {
            throw new InvalidKeyException("Invalid public key length");
        }
        try {
            return PublicKey.of(bytes);
        } catch (InvalidKeyException noPoint) {
            throw new InvalidKeyException("Invalid public key");
        }
    }

    /// @throws InvalidKeyException with the stock text
    public static Signature signature(String text) {
        byte[] bytes = hex(text, "Invalid signature");
        if (bytes.length != Signature.LENGTH) {
            throw new InvalidKeyException("Invalid signature length");
        }
        return Signature.of(bytes);
    }

    private static byte[] hex(String text, String otherwise) {
        if (!text.isEmpty() && text.chars().allMatch(c -> c == '0')) {
            return new byte[text.length() / 2]; // a row of zeros may be of any length, odd ones included
        }
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException notHex) {
            throw new InvalidKeyException(otherwise);
        }
    }
}
