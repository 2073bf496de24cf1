package io.skywire.control.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Bounds every body in time, and under `/api` in size.
///
/// A client may still be sending when it is refused, and would miss the answer if the connection closed under it. So
/// what is left of a body is thrown away here, within the same deadline; the server itself throws nothing away
/// (`server.tomcat.max-swallow-size=0`) and closes the connection instead.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
final class BodyDeadlineFilter extends OncePerRequestFilter {
    private static final int MOST_THROWN_AWAY = 4 * 1024 * 1024;

    private final HttpSettings settings;
    private final InstantSource clock;
    private final ErrorAnswers errors;

    BodyDeadlineFilter(HttpSettings settings, InstantSource clock, ErrorAnswers errors) {
        this.settings = settings;
        this.clock = clock;
        this.errors = errors;
    }

    /// Most requests have no body.
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getContentLengthLong() <= 0 && request.getHeader("Transfer-Encoding") == null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        boolean ours = request.getRequestURI().startsWith("/api/");
        long cap = ours ? settings.maxApiBody().toBytes() : Long.MAX_VALUE;
        TimedRequest timed = new TimedRequest(request, clock, settings.bodyDeadline(), cap);
        if (request.getContentLengthLong() > cap) {
            errors.refuse(
                    request,
                    response,
                    ProblemType.BODY_TOO_LARGE,
                    String.valueOf(TimedRequest.tooLarge(cap).getMessage()));
        } else {
            chain.doFilter(timed, response);
        }
        if (!request.getInputStream().isFinished()) {
            try {
                response.flushBuffer();
                timed.throwAwayTheRest(MOST_THROWN_AWAY);
            } catch (IOException gone) {
                // The server finds bytes that nobody read, and closes the connection.
            }
        }
    }
}
