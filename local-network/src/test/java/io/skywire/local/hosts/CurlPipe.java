package io.skywire.local.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One fetch by the machine's `curl` on a host, through the SOCKS door there. It goes on as fast as it is read.
final class CurlPipe implements AutoCloseable {
    private static final int CHUNK = 1 << 16;
    private static final int PROXY_REFUSED = 97;

    private final Process process;
    private final InputStream in;
    private final MessageDigest digest;
    private long bytes;

    /// @param errors the file for what curl says
    CurlPipe(String namespace, String url, Duration limit, Path errors) {
        List<String> command = List.of(
                Machine.program("curl", "curl"),
                "--silent",
                "--show-error",
                "--fail",
                "--noproxy",
                "",
                "--max-time",
                String.valueOf(limit.toSeconds()),
                "--socks5-hostname",
                "127.0.0.1:" + HostedNode.SOCKS,
                url);
        try {
            digest = MessageDigest.getInstance("SHA-256");
            process = new ProcessBuilder(Namespaces.in(namespace, command))
                    .redirectError(errors.toFile())
                    .start();
            in = process.getInputStream();
        } catch (IOException failure) {
            throw new IllegalStateException("curl does not start", failure);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /// Reads so many bytes more, or up to the end if that is nearer.
    void read(long more) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long left = more; left > 0; ) {
            int read = in.read(chunk, 0, (int) Math.min(left, chunk.length));
            if (read < 0) {
                return;
            }
            digest.update(chunk, 0, read);
            bytes += read;
            left -= read;
        }
    }

    long bytes() {
        return bytes;
    }

    /// How the fetch ended.
    sealed interface End {
        record Fetched(long bytes, String sha256) implements End {}

        /// The door said no, before the first byte.
        record Refused() implements End {}

        record Broken(int code, long bytes) implements End {}
    }

    /// Reads up to the end.
    End finish() throws IOException, InterruptedException {
        read(Long.MAX_VALUE);
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("curl does not end after its last byte");
        }
        int code = process.exitValue();
        if (code == 0) {
            return new End.Fetched(bytes, HexFormat.of().formatHex(digest.digest()));
        }
        return code == PROXY_REFUSED ? new End.Refused() : new End.Broken(code, bytes);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
