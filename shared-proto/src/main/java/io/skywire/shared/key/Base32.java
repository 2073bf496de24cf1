package io.skywire.shared.key;

/// RFC 4648 base32 in lower case without padding, for keys in DNS labels.
final class Base32 {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    private Base32() {}

    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
        int buffer = 0;
        int bits = 0;
        for (byte b : bytes) {
            buffer = (buffer << 8) | (b & 0xff);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(ALPHABET.charAt((buffer >> bits) & 31));
            }
        }
        if (bits > 0) {
            text.append(ALPHABET.charAt((buffer << (5 - bits)) & 31));
        }
        return text.toString();
    }

    /// ASCII only: `Character.toLowerCase` would take the Kelvin sign for a `k`.
    private static int valueOf(char letter) {
        return ALPHABET.indexOf(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    }

    /// @throws InvalidKeyException on a foreign letter, or if bits beyond `length` bytes are set
    static byte[] decode(String text, int length) {
        byte[] bytes = new byte[length];
        int buffer = 0;
        int bits = 0;
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int value = valueOf(text.charAt(i));
            if (value < 0) {
                throw new InvalidKeyException("'" + text.charAt(i) + "' is not a base32 letter in '" + text + "'");
            }
            buffer = (buffer << 5) | value;
            bits += 5;
            if (bits >= 8 && at < length) {
                bits -= 8;
                bytes[at++] = (byte) (buffer >> bits);
            }
            buffer &= (1 << bits) - 1;
        }
        if (at != length || buffer != 0) {
            throw new InvalidKeyException("'" + text + "' is not the base32 of " + length + " bytes");
        }
        return bytes;
    }
}
