package io.skywire.control.identity;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.Tally;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import tools.jackson.databind.json.JsonMapper;

/// Lets a request to one of the [SignedPaths] through only after its signature was checked and its nonce taken.
///
/// The body is read whole, under a cap and a deadline, before anything looks at it. Refusals are 401 in the shape that
/// stock clients know; an outage is a 503 problem and never 401, which would send every client into a nonce refresh.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class SignedRequestFilter extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(SignedRequestFilter.class);
    private static final String RETRY_AFTER_SECONDS = "2";

    private final RequestVerification verification;
    private final RequestSigningSettings settings;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;
    private final JsonMapper json;
    private final Tally<Counted> counted;
    private final List<PathPattern> patterns;

    SignedRequestFilter(
            RequestVerification verification,
            RequestSigningSettings settings,
            ApplicationEventPublisher events,
            InstantSource clock,
            JsonMapper json,
            MeterRegistry meters,
            ObjectProvider<SignedPaths> paths) {
        this.verification = verification;
        this.settings = settings;
        this.events = events;
        this.clock = clock;
        this.json = json;
        this.counted = new Tally<>(
                meters,
                "skywire.identity.requests.signed",
                "HTTP requests that came with a signature",
                "outcome",
                Counted.class);
        this.patterns = paths.stream()
                .flatMap(one -> one.patterns().stream())
                .map(PathPatternParser.defaultInstance::parse)
                .toList();
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        return patterns.stream().noneMatch(pattern -> pattern.matches(path));
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        int cap = Math.toIntExact(settings.maxBody().toBytes());
        if (request.getContentLengthLong() > cap) {
            refuse(response, HttpStatus.CONTENT_TOO_LARGE, "the body is larger than " + cap + " bytes");
            return;
        }
        byte[] body;
        try {
            body = read(request.getInputStream(), cap);
        } catch (BodyRefused refused) {
            refuse(response, refused.status, String.valueOf(refused.getMessage()));
            return;
        }
        if (body.length > 0 && Character.isDigit(body[body.length - 1])) {
            // `[]1` with nonce 2 and `[]` with nonce 12 have the same signed bytes.
            refuse(response, HttpStatus.BAD_REQUEST, "a signed body must not end in a digit; end it with a newline");
            return;
        }
        RequestVerification.Outcome outcome;
        try {
            outcome = verification.verify(
                    new RequestVerification.Headers(
                            request.getHeader("SW-Public"), request.getHeader("SW-Nonce"), request.getHeader("SW-Sig")),
                    body);
        } catch (DataAccessException | TransactionException databaseAway) {
            LOG.warn(
                    "a signed request cannot be checked: {}",
                    databaseAway.getClass().getSimpleName());
            response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
            refuse(response, HttpStatus.SERVICE_UNAVAILABLE, "the control plane cannot work now; try again");
            return;
        }
        switch (outcome) {
            case RequestVerification.Outcome.Refused refused -> {
                counted.add(Counted.REFUSED);
                write(response, HttpStatus.UNAUTHORIZED, "application/json", StockError.of(refused.message(), 401));
            }
            case RequestVerification.Outcome.Proved proved -> {
                counted.add(Counted.PROVED);
                request.setAttribute(SignedCaller.ATTRIBUTE, new SignedCaller(proved.key()));
                events.publishEvent(new RequestSigned(proved.key()));
                chain.doFilter(new BufferedRequest(request, body), response);
            }
        }
    }

    private byte[] read(InputStream in, int cap) throws BodyRefused {
        Instant deadline = clock.instant().plus(settings.bodyTimeout());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] chunk = new byte[8192];
        try {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                body.write(chunk, 0, n);
                if (body.size() > cap) {
                    throw new BodyRefused(HttpStatus.CONTENT_TOO_LARGE, "the body is larger than " + cap + " bytes");
                }
                if (clock.instant().isAfter(deadline)) {
                    throw new BodyRefused(HttpStatus.REQUEST_TIMEOUT, "the body took too long");
                }
            }
        } catch (IOException gone) {
            throw new BodyRefused(HttpStatus.BAD_REQUEST, "the body could not be read");
        }
        return body.toByteArray();
    }

    /// A problem (RFC 9457) with the member `error` beside it, where stock clients look for text.
    private void refuse(HttpServletResponse response, HttpStatus status, String detail) throws IOException {
        write(
                response,
                status,
                "application/problem+json",
                Map.of("title", status.getReasonPhrase(), "status", status.value(), "detail", detail, "error", detail));
    }

    private void write(HttpServletResponse response, HttpStatus status, String type, Object body) throws IOException {
        response.setStatus(status.value());
        response.setContentType(type);
        response.getOutputStream().write((json.writeValueAsString(body) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private enum Counted {
        PROVED,
        REFUSED
    }

    private static final class BodyRefused extends Exception {
        private static final long serialVersionUID = 1L;

        private final HttpStatus status;

        BodyRefused(HttpStatus status, String message) {
            super(message);
            this.status = status;
        }
    }
}
