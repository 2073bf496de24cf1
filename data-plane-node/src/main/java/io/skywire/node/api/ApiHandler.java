package io.skywire.node.api;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.skywire.node.api.Endpoints.Answer;
import io.skywire.node.api.Endpoints.Call;
import io.skywire.node.api.Endpoints.Endpoint;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Answers one request of one connection and closes it.
final class ApiHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);

    private final Endpoints endpoints;
    private boolean answered;

    ApiHandler(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        context.pipeline()
                .remove(ReadTimeoutHandler.class); // the request is whole; from now on the answer has a deadline
        if (request.decoderResult().isFailure()) {
            refuse(context, ProblemCode.MALFORMED, "not HTTP/1.1");
            return;
        }
        String path = path(request);
        List<Endpoint> here = endpoints.all().stream()
                .filter(endpoint -> endpoint.match(path).isPresent())
                .toList();
        Optional<Endpoint> wanted = here.stream()
                .filter(endpoint -> endpoint.method().equals(request.method()))
                .findFirst();
        if (wanted.isPresent()) {
            call(
                    context,
                    wanted.get(),
                    new Call(wanted.get().match(path).orElse(""), ByteBufUtil.getBytes(request.content())));
        } else if (here.isEmpty()) {
            refuse(context, ProblemCode.NOT_FOUND, "the paths stand in docs/protocol/node-api.yaml");
        } else {
            String methods = here.stream().map(e -> e.method().name()).collect(Collectors.joining(", "));
            refuse(context, ProblemCode.METHOD_NOT_ALLOWED, path + " takes " + methods);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException
                || cause instanceof ReadTimeoutException
                || cause instanceof PrematureChannelClosureException) {
            LOG.debug("an api connection ended before its request was whole: {}", cause.toString());
        } else {
            LOG.warn("api connection failed", cause);
        }
        context.close();
    }

    private static String path(FullHttpRequest request) {
        try {
            return new QueryStringDecoder(request.uri()).path();
        } catch (IllegalArgumentException badEscape) {
            return request.uri();
        }
    }

    private void call(ChannelHandlerContext context, Endpoint endpoint, Call call) {
        Answer answer;
        try {
            answer = endpoint.handler().apply(call);
        } catch (BadBodyException bad) {
            refuse(context, ProblemCode.MALFORMED, String.valueOf(bad.getMessage()));
            return;
        } catch (RuntimeException bug) {
            failed(context, endpoint, bug);
            return;
        }
        Future<?> deadline = context.executor()
                .schedule(
                        () -> refuse(context, ProblemCode.DEADLINE, "the node did not answer in time"),
                        answer.within().toMillis(),
                        TimeUnit.MILLISECONDS);
        answer.outcome()
                .whenComplete((outcome, failure) -> context.executor().execute(() -> {
                    deadline.cancel(false);
                    if (outcome == null) {
                        failed(context, endpoint, failure);
                    } else {
                        answer(context, endpoint, outcome);
                    }
                }));
    }

    private void answer(ChannelHandlerContext context, Endpoint endpoint, Outcome<?> outcome) {
        switch (outcome) {
            case Outcome.Done<?> done -> {
                try {
                    byte[] json = ApiJson.MAPPER.writeValueAsBytes(done.value());
                    respond(context, response(HttpResponseStatus.OK, "application/json", json));
                } catch (JacksonException bug) {
                    failed(context, endpoint, bug);
                }
            }
            case Outcome.Refused<?> refused -> respond(context, problem(refused.refusal()));
        }
    }

    private void failed(ChannelHandlerContext context, Endpoint endpoint, Throwable bug) {
        LOG.error("api {} {} failed", endpoint.method(), endpoint.template(), bug);
        refuse(context, ProblemCode.INTERNAL, "the node's log says more");
    }

    private void refuse(ChannelHandlerContext context, ProblemCode code, String detail) {
        respond(context, problem(new Refusal(code, java.util.OptionalInt.empty(), detail)));
    }

    private void respond(ChannelHandlerContext context, FullHttpResponse response) {
        if (answered) {
            response.release();
            return;
        }
        answered = true;
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    /// RFC 9457.
    static FullHttpResponse problem(Refusal refusal) {
        ProblemCode code = refusal.code();
        byte[] json = ApiJson.MAPPER.writeValueAsBytes(new Problem(
                "urn:skywire:problem:" + code.code(),
                code.title(),
                code.status(),
                refusal.detail(),
                code.code(),
                refusal.hop().isPresent() ? Optional.of(refusal.hop().getAsInt()) : Optional.empty()));
        return response(HttpResponseStatus.valueOf(code.status()), "application/problem+json", json);
    }

    record Problem(String type, String title, int status, String detail, String code, Optional<Integer> hop) {}

    private static FullHttpResponse response(HttpResponseStatus status, String type, byte[] body) {
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        return response;
    }
}
