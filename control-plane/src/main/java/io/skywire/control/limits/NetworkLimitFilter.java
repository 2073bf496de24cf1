package io.skywire.control.limits;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// Limits a source network, before its requests cost a signature check or a statement.
///
/// Probes and metrics (`/actuator`) are not limited: a flood must not make an orchestrator restart what works.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
final class NetworkLimitFilter extends OncePerRequestFilter {
    private static final PathPattern PROBES = PathPatternParser.defaultInstance.parse("/actuator/**");

    /// Listings of all nodes, which cost much and change slowly.
    private static final List<PathPattern> UPTIMES = Stream.of("/uptimes", "/visors")
            .map(PathPatternParser.defaultInstance::parse)
            .toList();

    private final SourceNetworks networks;
    private final Limits limits;
    private final LimitAnswers answers;

    NetworkLimitFilter(SourceNetworks networks, Limits limits, LimitAnswers answers) {
        this.networks = networks;
        this.limits = limits;
        this.answers = answers;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        Optional<SourceNetwork> source = networks.limited(request.getRemoteAddr());
        if (source.isEmpty() || PROBES.matches(path)) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Duration> wait = limits.network.take(source.get());
        if (wait.isEmpty() && UPTIMES.stream().anyMatch(listing -> listing.matches(path))) {
            wait = limits.uptimes.take(source.get());
        }
        if (wait.isPresent()) {
            answers.refuse(request, response, wait.get(), "network");
        } else {
            chain.doFilter(request, response);
        }
    }
}
