package io.skywire.local.conformance;

import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/// Runs the suite against a control plane that runs already. Exit code 0 if every case passed, else 1.
@Command(
        name = "conformance",
        description = "Compares a running control plane with what stock Skywire clients need of it.",
        mixinStandardHelpOptions = true)
public final class ConformanceCommand implements Callable<Integer> {
    @Option(names = "--base-url", required = true, description = "where it serves HTTP, e.g. http://127.0.0.1:8181")
    private String baseUrl = "";

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        List<Case.Result> results = new ConformanceSuite().run(base(commandLine), new SecureRandom());
        long passed = results.stream().filter(Case.Result::passed).count();
        PrintWriter out = commandLine.getOut();
        if (json) {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("passed", passed);
            report.put("failed", results.size() - passed);
            report.put("cases", results);
            out.println(new JsonMapper().writeValueAsString(report));
        } else {
            for (Case.Result result : results) {
                out.println((result.passed() ? "pass  " : "FAIL  ")
                        + result.name()
                        + (result.passed() ? "" : ": " + result.detail()));
            }
            out.println(passed + " passed, " + (results.size() - passed) + " failed");
        }
        out.flush();
        return passed == results.size() ? 0 : 1;
    }

    private URI base(CommandLine commandLine) {
        try {
            URI base = new URI(baseUrl);
            if (("http".equals(base.getScheme()) || "https".equals(base.getScheme())) && base.getHost() != null) {
                return base;
            }
        } catch (URISyntaxException malformed) {
            // said below
        }
        throw new CommandLine.ParameterException(
                commandLine, "--base-url must be like http://127.0.0.1:8181, not '" + baseUrl + "'");
    }
}
