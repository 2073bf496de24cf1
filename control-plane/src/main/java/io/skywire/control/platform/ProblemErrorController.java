package io.skywire.control.platform;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/// Where the server sends a request that ended in an error outside of every controller.
@Controller
final class ProblemErrorController implements ErrorController {
    private final ErrorAnswers errors;

    ProblemErrorController(ErrorAnswers errors) {
        this.errors = errors;
    }

    @RequestMapping("/error")
    void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        ProblemType type = ProblemType.ofStatus(status);
        errors.write(response, Problem.of(type, status, type.meaning(), request));
    }
}
