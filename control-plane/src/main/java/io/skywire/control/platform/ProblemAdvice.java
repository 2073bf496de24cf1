package io.skywire.control.platform;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/// Turns what went wrong into [Problem]s. Says what the caller can act on, never what is inside.
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    /// An outage is 503, never 404 or 500: callers may try again, and absence is not concluded from it.
    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    ResponseEntity<Object> databaseAway(RuntimeException e, HttpServletRequest request) {
        LOG.atWarn()
                .addKeyValue("request_id", RequestIds.of(request))
                .log("request failed on the database: {}", e.getClass().getSimpleName());
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, Long.toString(RETRY_AFTER.toSeconds()));
        return answer(
                Problem.of(ProblemType.UNAVAILABLE, "the control plane cannot work now; try again", request),
                headers,
                request);
    }

    /// A body that the caller does not send in time, or not whole, is the caller's.
    @ExceptionHandler
    ResponseEntity<Object> unreadable(IOException e, HttpServletRequest request) {
        return answer(bodyProblem(e, request), new HttpHeaders(), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> unexpected(Exception e, HttpServletRequest request) {
        LOG.atError()
                .setCause(e)
                .addKeyValue("request_id", RequestIds.of(request))
                .log("request failed unexpectedly");
        return answer(
                Problem.of(ProblemType.INTERNAL_ERROR, "an error of the control plane; its log says more", request),
                new HttpHeaders(),
                request);
    }

    /// Everything that Spring itself finds wrong with a request ends here.
    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest webRequest) {
        HttpServletRequest request = ((ServletWebRequest) webRequest).getRequest();
        Problem problem = NestedExceptionUtils.getMostSpecificCause(e) instanceof IOException unread
                ? bodyProblem(unread, request)
                : problem(e, body, status, request);
        ResponseEntity<Object> answer = answer(problem, headers, request);
        return super.handleExceptionInternal(
                e, answer.getBody(), answer.getHeaders(), answer.getStatusCode(), webRequest);
    }

    private Problem problem(Exception e, @Nullable Object body, HttpStatusCode status, HttpServletRequest request) {
        ProblemType type = ProblemType.ofStatus(status.value());
        Optional<ProblemDetail> told = body instanceof ProblemDetail detail
                ? Optional.of(detail)
                : e instanceof ErrorResponse response
                        ? Optional.of(response.updateAndGetBody(getMessageSource(), LocaleContextHolder.getLocale()))
                        : Optional.empty();
        return Problem.of(
                type, status.value(), told.map(ProblemDetail::getDetail).orElseGet(type::meaning), request);
    }

    private static Problem bodyProblem(IOException e, HttpServletRequest request) {
        return e instanceof BodyRefusedException refused
                ? Problem.of(refused.type(), String.valueOf(refused.getMessage()), request)
                : Problem.of(ProblemType.BAD_REQUEST, "the body could not be read", request);
    }

    private static ResponseEntity<Object> answer(Problem problem, HttpHeaders headers, HttpServletRequest request) {
        Map<String, Object> members = problem.members();
        StockErrors.members(request, problem.status(), problem.detail()).ifPresent(members::putAll);
        HttpHeaders all = new HttpHeaders();
        all.putAll(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return ResponseEntity.status(problem.status()).headers(all).body(members);
    }
}
