package io.skywire.control.limits;

import io.skywire.control.platform.ErrorAnswers;
import io.skywire.control.platform.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.springframework.stereotype.Component;

/// 429 with the wait.
@Component
record LimitAnswers(ErrorAnswers errors) {
    void refuse(HttpServletRequest request, HttpServletResponse response, Duration wait, String who)
            throws IOException {
        long seconds = Limits.seconds(wait);
        response.setHeader("Retry-After", Long.toString(seconds));
        errors.refuse(
                request,
                response,
                ProblemType.RATE_LIMITED,
                "too many requests of this " + who + ": try again in " + seconds + " s");
    }
}
