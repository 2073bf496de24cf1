package io.skywire.control.platform;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Writes errors where no controller has been reached: in filters and in the HTTP server itself.
@Component
public final class ErrorAnswers {
    private final JsonMapper json;

    ErrorAnswers(JsonMapper json) {
        this.json = json;
    }

    /// Refuses the request in the shape that its path has: stock paths in the stock shape alone, others as a problem.
    public void refuse(HttpServletRequest request, HttpServletResponse response, ProblemType type, String detail)
            throws IOException {
        Optional<Map<String, Object>> stock = StockErrors.members(request, type.status(), detail);
        if (stock.isPresent()) {
            write(response, type.status(), "application/json", stock.get());
        } else {
            write(response, Problem.of(type, detail, request));
        }
    }

    void write(HttpServletResponse response, Problem problem) throws IOException {
        write(response, problem.status(), Problem.MEDIA_TYPE, problem.members());
    }

    private void write(HttpServletResponse response, int status, String type, Map<String, Object> members)
            throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.getOutputStream().write((json.writeValueAsString(members) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
