package io.skywire.node.api;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Asks a node's API from another process. Blocks; one connection per request; not for event loops.
public final class ApiClient implements AutoCloseable {
    public static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final int LARGEST_ANSWER = 64 << 20;

    private final Path socket;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("node-api-client", true), NioIoHandler.newFactory());

    public ApiClient(Path socket) {
        this.socket = socket;
    }

    public JsonNode get(String path) throws ApiException, InterruptedException {
        return ask(HttpMethod.GET, path, new byte[0], ANSWER_WITHIN);
    }

    public JsonNode post(String path, Object body, Duration within) throws ApiException, InterruptedException {
        return ask(HttpMethod.POST, path, ApiJson.MAPPER.writeValueAsBytes(body), within);
    }

    public JsonNode delete(String path) throws ApiException, InterruptedException {
        return ask(HttpMethod.DELETE, path, new byte[0], ANSWER_WITHIN);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private JsonNode ask(HttpMethod method, String path, byte[] body, Duration within)
            throws ApiException, InterruptedException {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        Channel channel = connect(reply);
        try {
            FullHttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, path, Unpooled.wrappedBuffer(body));
            request.headers()
                    .set(HttpHeaderNames.HOST, "node")
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
            channel.writeAndFlush(request);
            return result(reply.get(within.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            throw new ApiException.NoAnswer(
                    "the node at " + socket + " did not answer within " + within.toSeconds() + " s");
        } catch (ExecutionException broken) {
            throw new ApiException.NoAnswer("the node at " + socket + " gave no answer: " + broken.getCause());
        } finally {
            channel.close();
        }
    }

    private Channel connect(CompletableFuture<Reply> reply) throws ApiException, InterruptedException {
        if (!Files.exists(socket)) {
            throw new ApiException.NotRunning("there is no socket " + socket);
        }
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(NioDomainSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpClientCodec())
                                .addLast(new HttpObjectAggregator(LARGEST_ANSWER))
                                .addLast(new ReplyHandler(reply));
                    }
                })
                .connect(UnixDomainSocketAddress.of(socket));
        if (!connected.await(CONNECT_WITHIN.toMillis())) {
            connected.channel().close();
            throw new ApiException.NoAnswer("nobody takes the connection at " + socket);
        }
        if (!connected.isSuccess()) {
            throw new ApiException.NotRunning("nobody answers at " + socket + ": " + reason(connected.cause()));
        }
        return connected.channel();
    }

    private static String reason(Throwable cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private JsonNode result(Reply reply) throws ApiException {
        JsonNode json;
        try {
            json = ApiJson.MAPPER.readTree(reply.body());
        } catch (JacksonException notJson) {
            throw new ApiException.NoAnswer("the answer from " + socket + " is no JSON (HTTP " + reply.status() + ")");
        }
        if (reply.status() / 100 == 2) {
            return json;
        }
        throw new ApiException.Refused(new Refusal(
                code(json.path("code").asString("")),
                json.path("hop").isIntegralNumber()
                        ? OptionalInt.of(json.path("hop").intValue())
                        : OptionalInt.empty(),
                json.path("detail").asString("")));
    }

    /// A code that this version does not know yet is a plain refusal.
    private static ProblemCode code(String text) {
        try {
            return ProblemCode.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException newer) {
            return ProblemCode.REFUSED;
        }
    }

    private record Reply(int status, byte[] body) {}

    private static final class ReplyHandler extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<Reply> reply;

        ReplyHandler(CompletableFuture<Reply> reply) {
            this.reply = reply;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            if (response.decoderResult().isFailure()) {
                exceptionCaught(context, response.decoderResult().cause());
                return;
            }
            reply.complete(new Reply(response.status().code(), ByteBufUtil.getBytes(response.content())));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            reply.completeExceptionally(new java.io.EOFException("the connection ended"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            reply.completeExceptionally(cause);
            context.close();
        }
    }
}
