package io.skywire.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// A file of random bytes and its SHA-256 in hex.
record RandomFile(Path path, long bytes, String sha256) {
    static final int PERIOD = 1 << 10;

    private static final int CHUNK = 1 << 16;

    static RandomFile write(Path path, long bytes, RandomGenerator random) {
        return write(path, bytes, new byte[0], random);
    }

    /// Each [#PERIOD] bytes begin with `marker`, so that hardly any piece of the file is without it.
    static RandomFile write(Path path, long bytes, byte[] marker, RandomGenerator random) {
        MessageDigest digest = digest();
        byte[] chunk = new byte[CHUNK];
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(path), digest)) {
            for (long left = bytes; left > 0; left -= CHUNK) {
                random.nextBytes(chunk);
                for (int at = 0; at < CHUNK; at += PERIOD) {
                    System.arraycopy(marker, 0, chunk, at, marker.length);
                }
                out.write(chunk, 0, (int) Math.min(CHUNK, left));
            }
        } catch (IOException failure) {
            throw new MachineLacks("cannot write " + bytes + " bytes to " + path + ": " + failure.getMessage()
                    + "; free some disk space");
        }
        return new RandomFile(path, bytes, hex(digest));
    }

    static String sha256(Path path) {
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(path), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return hex(digest);
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
