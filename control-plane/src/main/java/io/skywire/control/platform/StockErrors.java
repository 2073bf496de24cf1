package io.skywire.control.platform;

import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The shapes in which stock clients read errors, by path: `{"error":"text"}`, `{"error":{"message","code"}}` of
/// nonces and routes, `{"message","code"}` of the messaging discovery. Our own paths have none of them.
public final class StockErrors {
    private StockErrors() {}

    /// The members of an error on the request's path; empty on `/api`, `/errors` and `/actuator`.
    public static Optional<Map<String, Object>> members(HttpServletRequest request, int status, String text) {
        return members(String.valueOf(request.getRequestURI()), status, text);
    }

    static Optional<Map<String, Object>> members(String path, int status, String text) {
        if (isBelow(path, "/api") || isBelow(path, "/errors") || isBelow(path, "/actuator")) {
            return Optional.empty();
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("message", text);
        message.put("code", status);
        if (isBelow(path, "/dmsg-discovery")) {
            return Optional.of(message);
        }
        return Optional.of(
                Map.of("error", isBelow(path, "/routes") || isBelow(path, "/security") ? message : (Object) text));
    }

    private static boolean isBelow(String path, String prefix) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }
}
