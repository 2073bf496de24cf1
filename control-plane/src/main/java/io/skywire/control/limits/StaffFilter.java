package io.skywire.control.limits;

import io.skywire.control.platform.ErrorAnswers;
import io.skywire.control.platform.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// Keeps what names whole routes (the setup ledger, explanations, the blame list) for staff: callers of
/// `skywire.staff.networks`, which is loopback unless somebody decides otherwise. The port itself may be public, as
/// stock clients need it.
///
/// A request that still says it was forwarded came by a proxy that is not believed: nobody knows its caller.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 30)
final class StaffFilter extends OncePerRequestFilter {
    private static final List<PathPattern> FOR_STAFF = Stream.of("/api/v1/routes/**", "/api/v1/blame/**")
            .map(PathPatternParser.defaultInstance::parse)
            .toList();

    private final List<SourceNetwork> staff;
    private final ErrorAnswers errors;

    StaffFilter(StaffSettings settings, ErrorAnswers errors) {
        this.staff = settings.networks().stream()
                .filter(text -> !text.isBlank())
                .map(SourceNetwork::parse)
                .toList();
        this.errors = errors;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        if (FOR_STAFF.stream().noneMatch(pattern -> pattern.matches(path)) || isStaff(request)) {
            chain.doFilter(request, response);
            return;
        }
        errors.refuse(
                request,
                response,
                ProblemType.STAFF_ONLY,
                "this path is answered to callers of skywire.staff.networks only");
    }

    private boolean isStaff(HttpServletRequest request) {
        if (request.getHeader("X-Forwarded-For") != null || request.getHeader("Forwarded") != null) {
            return false;
        }
        try {
            InetAddress caller = InetAddress.ofLiteral(request.getRemoteAddr());
            return staff.stream().anyMatch(network -> network.contains(caller));
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }
}
