package io.skywire.shared.rule;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;

/// A node's whole rule table in 32 bytes, so that both sides of a session see whether they mean the same table when
/// they name the same revision.
///
/// SHA-256("skywire rule table v1" | 0x00 | number of rules u32 | SHA-256 of each rule), big-endian. A rule is hashed
/// as its `skywire.v1.Rule` message with its fields in the order of their numbers; the hashes stand in unsigned order.
public final class RuleTableDigest {
    public static final int LENGTH = 32;

    private static final byte[] DOMAIN = "skywire rule table v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final Comparator<byte[]> UNSIGNED = Arrays::compareUnsigned;

    private final byte[] bytes;

    private RuleTableDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    public static RuleTableDigest of(Collection<? extends Rule> rules) {
        return ofMessages(rules.stream()
                .map(rule -> RuleProtos.toProto(rule).toByteArray())
                .toList());
    }

    /// The same from rules that are serialised already, each as `RuleProtos.toProto(rule).toByteArray()`.
    public static RuleTableDigest ofMessages(Collection<byte[]> rules) {
        MessageDigest sha256 = sha256();
        byte[][] hashes = rules.stream().map(sha256::digest).sorted(UNSIGNED).toArray(byte[][]::new);
        sha256.update(DOMAIN);
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(hashes.length).array());
        for (byte[] hash : hashes) {
            sha256.update(hash);
        }
        return new RuleTableDigest(sha256.digest());
    }

    /// @throws IllegalArgumentException if there are not 32 bytes
    public static RuleTableDigest parse(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a rule table's digest has " + LENGTH + " bytes, not " + bytes.length);
        }
        return new RuleTableDigest(bytes.clone());
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RuleTableDigest that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
