package io.skywire.local.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// One connection that sends requests whose bytes were made before, and reads answers without keeping them: next to
/// nothing is left of the generator in what is measured. One request at a time, for one thread.
///
/// Reads HTTP/1.1 answers of a known length or in chunks, which is what the control plane sends.
final class HttpLane implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BUFFER = 64 * 1024;

    /// After a longer pause the server may have closed the connection.
    private static final Duration FRESH = Duration.ofSeconds(2);

    private final InetSocketAddress address;
    private Socket socket;
    private InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private long lastAnswer = System.nanoTime();
    private final Pace pace;

    HttpLane(URI base) throws IOException {
        this(base, Pace.FULL);
    }

    HttpLane(URI base, Pace pace) throws IOException {
        this.pace = pace;
        address = new InetSocketAddress(base.getHost(), base.getPort());
        socket = connect();
        in = socket.getInputStream();
    }

    private Socket connect() throws IOException {
        Socket connection = new Socket();
        connection.setTcpNoDelay(true);
        connection.setReceiveBufferSize(
                Math.max(4 * 1024, pace.bytes())); // a slow reader's kernel takes no more either
        connection.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        connection.connect(address, Math.toIntExact(PATIENCE.toMillis()));
        return connection;
    }

    /// What came back.
    ///
    /// @param bytes of the body
    record Answer(int status, long bytes) {}

    /// How quickly answers are read: at most `bytes` after each pause.
    record Pace(int bytes, Duration pause) {
        static final Pace FULL = new Pace(BUFFER, Duration.ZERO);
    }

    /// A request without a body.
    static byte[] get(URI base, String path, String... headers) {
        return head("GET", base, path, headers).append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] post(URI base, String path, byte[] body, String... headers) {
        byte[] head = head("POST", base, path, headers)
                .append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n\r\n")
                .toString()
                .getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    private static StringBuilder head(String method, URI base, String path, String... headers) {
        StringBuilder head = new StringBuilder(512)
                .append(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(base.getAuthority())
                .append("\r\n");
        for (int i = 0; i + 1 < headers.length; i += 2) {
            head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
        }
        return head;
    }

    /// @throws IOException if the connection breaks, the answer is no HTTP, or nothing comes for a minute
    Answer send(byte[] request) throws IOException {
        if (System.nanoTime() - lastAnswer > FRESH.toNanos()) {
            reconnect();
        }
        socket.getOutputStream().write(request);
        String statusLine = line();
        if (!statusLine.startsWith("HTTP/1.1 ")) {
            throw new IOException("no answer of HTTP/1.1: " + statusLine);
        }
        int status = Integer.parseInt(statusLine.substring(9, 12));
        long length = -1;
        boolean chunked = false;
        boolean last = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "Content-Length:", 0, 15)) {
                length = Long.parseLong(header.substring(15).strip());
            } else if (header.regionMatches(true, 0, "Transfer-Encoding:", 0, 18)) {
                chunked = header.substring(18).strip().equalsIgnoreCase("chunked");
            } else if (header.regionMatches(true, 0, "Connection:", 0, 11)) {
                last = header.substring(11).strip().equalsIgnoreCase("close");
            }
        }
        if (chunked) {
            length = skipChunks();
        } else if (length < 0 && status != 304 && status != 204) {
            throw new IOException("an answer without a length");
        } else {
            skip(Math.max(0, length));
        }
        if (last) {
            reconnect();
        }
        lastAnswer = System.nanoTime();
        return new Answer(status, Math.max(0, length));
    }

    private void reconnect() throws IOException {
        socket.close();
        socket = connect();
        in = socket.getInputStream();
        position = 0;
        limit = 0;
    }

    private long skipChunks() throws IOException {
        long all = 0;
        while (true) {
            long size = Long.parseLong(line(), 16);
            skip(size);
            line();
            if (size == 0) {
                return all;
            }
            all += size;
        }
    }

    private void skip(long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            fillIfEmpty();
            int taken = (int) Math.min(left, limit - position);
            position += taken;
            left -= taken;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (true) {
            fillIfEmpty();
            char c = (char) (buffer[position++] & 0xff);
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append(c);
            }
            if (line.length() > 8192) {
                throw new IOException("a header line without an end");
            }
        }
    }

    private void fillIfEmpty() throws IOException {
        if (position < limit) {
            return;
        }
        if (!pace.pause().isZero()) {
            LockSupport.parkNanos(pace.pause().toNanos());
        }
        int read = in.read(buffer, 0, pace.bytes());
        if (read < 0) {
            throw new IOException("the connection ended in an answer");
        }
        position = 0;
        limit = read;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
