package io.skywire.node.cli;

import io.skywire.node.api.ApiException;
import io.skywire.node.api.ProblemCode;
import io.skywire.node.config.ConfigException;
import io.skywire.node.config.KeyFileException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// The one place that turns an exception into a line and an exit code.
final class Failures implements IExecutionExceptionHandler {
    private final Terminal terminal;

    Failures(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof UsageException || failure instanceof ConfigException) {
            return tell(String.valueOf(failure.getMessage()), ExitCode.WRONG_USE);
        }
        if (failure instanceof KeyFileException || failure instanceof NodeStarter.StartFailedException) {
            return tell(String.valueOf(failure.getMessage()), ExitCode.MACHINE_LACKS);
        }
        if (failure instanceof ApiException api) {
            return tell(line(api, configOf(command)), code(api));
        }
        throw failure;
    }

    static String line(ApiException failure, Path config) {
        return switch (failure) {
            case ApiException.NotRunning absent ->
                "no node runs with this config: " + absent.getMessage() + "; start it with: skywire node run -c "
                        + config;
            case ApiException.NoAnswer late -> String.valueOf(late.getMessage());
            case ApiException.Refused refused -> String.valueOf(refused.getMessage());
        };
    }

    private static int code(ApiException failure) {
        return switch (failure) {
            case ApiException.NotRunning absent -> ExitCode.MACHINE_LACKS;
            case ApiException.NoAnswer late -> ExitCode.MACHINE_LACKS;
            case ApiException.Refused refused ->
                refused.refusal().code() == ProblemCode.MALFORMED ? ExitCode.WRONG_USE : ExitCode.DID_NOT_HOLD;
        };
    }

    private Path configOf(CommandLine command) {
        try {
            CommandLine.Model.CommandSpec mixin =
                    command.getCommandSpec().mixins().get("configs");
            if (mixin != null && mixin.userObject() instanceof Configs configs) {
                return configs.only(terminal);
            }
        } catch (UsageException several) {
            // the message stands without a file
        }
        return Path.of("FILE");
    }

    private int tell(String line, int code) {
        terminal.complain(line);
        return code;
    }
}
