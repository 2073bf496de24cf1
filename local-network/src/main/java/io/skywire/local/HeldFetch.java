package io.skywire.local;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/// A fetch over HTTP through a SOCKS5 door that stops in the middle until it is told to go on. What waits meanwhile
/// waits in the network: this end takes next to nothing that it does not read.
final class HeldFetch implements AutoCloseable {
    private static final int LONGEST_HEAD = 16 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final MessageDigest digest;
    private long bytes;

    /// Asks for `path` and reads the head of the answer.
    ///
    /// @throws NetworkFailure if there is none, or another than 200
    HeldFetch(int socksPort, String host, int port, String path, Duration patience) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
            socket = SocksDoor.connect(socksPort, host, port, patience);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            in = new BufferedInputStream(socket.getInputStream(), SocksDoor.SMALL_BUFFER);
            String head = head();
            if (!head.startsWith("HTTP/1.1 200 ")) {
                throw new NetworkFailure(
                        "the web server answers: " + head.lines().findFirst().orElse("nothing"));
            }
        } catch (IOException broken) {
            throw new NetworkFailure("fetching " + path + " from " + host + " failed: " + broken);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < LONGEST_HEAD && head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /// Reads so many bytes more, or up to the end if that is nearer.
    void read(long more) {
        byte[] chunk = new byte[SocksDoor.SMALL_BUFFER];
        try {
            for (long left = more; left > 0; ) {
                int read = in.read(chunk, 0, (int) Math.min(left, chunk.length));
                if (read < 0) {
                    return;
                }
                digest.update(chunk, 0, read);
                bytes += read;
                left -= read;
            }
        } catch (IOException broken) {
            throw new NetworkFailure("the transfer broke after " + bytes + " bytes: " + broken);
        }
    }

    long bytes() {
        return bytes;
    }

    /// Reads up to the end; the SHA-256 of all, in hex.
    String finish() {
        read(Long.MAX_VALUE);
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            // it is closed
        }
    }
}
