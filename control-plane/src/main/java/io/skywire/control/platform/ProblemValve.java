package io.skywire.control.platform;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/// Writes a problem for what the HTTP server refuses before the application sees it: bytes that are no HTTP, a header
/// that is too long, a path that cannot be decoded.
final class ProblemValve extends ErrorReportValve {
    private final ErrorAnswers errors;

    ProblemValve(ErrorAnswers errors) {
        this.errors = errors;
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable thrown) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ProblemType type = ProblemType.ofStatus(status);
        try {
            errors.write(response.getResponse(), Problem.of(type, status, type.meaning(), request.getRequest()));
            response.finishResponse();
        } catch (IOException gone) {
            // There is nobody to tell.
        }
    }
}
