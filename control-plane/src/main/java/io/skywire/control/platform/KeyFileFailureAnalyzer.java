package io.skywire.control.platform;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Says in two lines at start which key file is wrong, instead of a stack trace.
final class KeyFileFailureAnalyzer extends AbstractFailureAnalyzer<KeyFileException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, KeyFileException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.remedy(), cause);
    }
}
