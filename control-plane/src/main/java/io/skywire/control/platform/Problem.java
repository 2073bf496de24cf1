package io.skywire.control.platform;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/// One problem as RFC 9457 writes it, about one request.
///
/// On paths of stock clients the members that they read errors from stand beside it; see [StockErrors].
///
/// @param status mostly the type's own; another where the HTTP server chose it (501, 505)
/// @param instance the path of the request, as it came
public record Problem(ProblemType type, int status, String detail, String instance, String requestId) {
    static final String MEDIA_TYPE = "application/problem+json";

    public static Problem of(ProblemType type, String detail, HttpServletRequest request) {
        return of(type, type.status(), detail, request);
    }

    static Problem of(ProblemType type, int status, String detail, HttpServletRequest request) {
        return new Problem(type, status, detail, path(request), RequestIds.of(request));
    }

    /// In the order in which people read them.
    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", type.uri().toString());
        members.put("title", type.title());
        members.put("status", status);
        members.put("detail", detail);
        members.put("instance", instance);
        members.put("requestId", requestId);
        return members;
    }

    private static String path(HttpServletRequest request) {
        Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        String path = original instanceof String text ? text : request.getRequestURI();
        return path == null ? "/" : path;
    }
}
