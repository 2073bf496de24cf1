package io.skywire.control.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Closes each HTTP connection with its next answer once this replica takes no more work. A balancer of connections
/// moves new ones only; a client that keeps one would find it cut in the middle of a request when the process ends.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class LastAnswers extends OncePerRequestFilter {
    private final ApplicationAvailability availability;

    LastAnswers(ApplicationAvailability availability) {
        this.availability = availability;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (availability.getReadinessState() == ReadinessState.REFUSING_TRAFFIC) {
            response.setHeader("Connection", "close");
        }
        chain.doFilter(request, response);
    }
}
