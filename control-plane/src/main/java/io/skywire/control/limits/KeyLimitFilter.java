package io.skywire.control.limits;

import io.skywire.control.identity.SignedCaller;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Limits a signing key, behind the filter that checks signatures and takes nonces.
///
/// Only a request whose nonce was fresh costs its key a token: else whoever has seen one signed request could send it
/// again and again and lock its owner out.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 110)
final class KeyLimitFilter extends OncePerRequestFilter {
    private final SourceNetworks networks;
    private final Limits limits;
    private final LimitAnswers answers;

    KeyLimitFilter(SourceNetworks networks, Limits limits, LimitAnswers answers) {
        this.networks = networks;
        this.limits = limits;
        this.answers = answers;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<Duration> wait = request.getAttribute(SignedCaller.ATTRIBUTE) instanceof SignedCaller caller
                        && networks.limited(request.getRemoteAddr()).isPresent()
                ? limits.key.take(caller.key())
                : Optional.empty();
        if (wait.isPresent()) {
            answers.refuse(request, response, wait.get(), "key");
        } else {
            chain.doFilter(request, response);
        }
    }
}
