package io.skywire.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A node's local API over its Unix socket, for who asks often: no process is started for a question.
final class ApiSocket {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration WORK = Duration.ofSeconds(30);
    private static final String VERSION = "HTTP/1.1 ";
    private static final int MOST = 16 * 1024 * 1024;
    private static final JsonMapper JSON = new JsonMapper();

    private ApiSocket() {}

    /// What `GET path` answers.
    ///
    /// @throws IOException if nobody answers within five seconds, or with another status than 200
    static JsonNode get(Path socket, String path) throws IOException {
        return parse(ask(socket, "GET " + path + " HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n", ANSWER));
    }

    /// The status and body that `POST path` of this JSON answers: `200 OK {…}`.
    ///
    /// @throws IOException if nobody answers within half a minute
    static String post(Path socket, String path, String body) throws IOException {
        String head = "POST " + path + " HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n";
        String answer = new String(ask(socket, head + body, WORK), StandardCharsets.UTF_8);
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0 || !answer.startsWith(VERSION)) {
            throw new IOException("the node answered no HTTP");
        }
        String status = answer.lines().findFirst().orElseThrow().substring(VERSION.length());
        return (status + " " + answer.substring(end + 4)).strip();
    }

    private static byte[] ask(Path socket, String request, Duration patience) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            Thread.ofVirtual().name("api-question").start(() -> {
                try {
                    answer.complete(exchange(channel, socket, request));
                } catch (IOException | RuntimeException failure) {
                    answer.completeExceptionally(failure);
                }
            });
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException silent) {
            throw new IOException("no answer at " + socket + ": " + silent, silent);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ending);
        }
    }

    private static byte[] exchange(SocketChannel channel, Path socket, String text) throws IOException {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer request = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (request.hasRemaining()) {
            channel.write(request);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
        while (channel.read(chunk) >= 0 && all.size() < MOST) {
            all.write(chunk.array(), 0, chunk.position());
            chunk.clear();
        }
        return all.toByteArray();
    }

    private static JsonNode parse(byte[] answer) throws IOException {
        String text = new String(answer, StandardCharsets.UTF_8);
        int body = text.indexOf("\r\n\r\n");
        if (body < 0 || !text.startsWith("HTTP/1.1 200")) {
            throw new IOException(
                    "the node answered " + text.lines().findFirst().orElse("nothing"));
        }
        try {
            return JSON.readTree(text.substring(body + 4));
        } catch (JacksonException noJson) {
            throw new IOException("the node answered no JSON", noJson);
        }
    }
}
