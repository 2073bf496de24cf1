package io.skywire.deployment;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A chart on disk, linted and rendered by Helm in this process and without a network.
record Chart(Path directory) {
    static final Chart SKYWIRE = new Chart(Path.of("../helm/skywire"));
    static final String RELEASE = "network";
    static final String NAMESPACE = "overlay";

    private static final String KUBERNETES = "1.34.0";
    private static final YAMLMapper YAML = new YAMLMapper();

    /// The names of the files in `examples`, and the empty name for the values as they are.
    static List<String> examples() {
        try (Stream<Path> files = Files.list(SKYWIRE.directory.resolve("examples"))) {
            List<String> names = new ArrayList<>(List.of(""));
            files.map(file -> file.getFileName().toString().replace(".yaml", ""))
                    .sorted()
                    .forEach(names::add);
            return List.copyOf(names);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path example(String name) {
        return directory.resolve("examples").resolve(name + ".yaml");
    }

    /// @param example a name of [#examples()]
    /// @param values further values as YAML, each over those before
    /// @throws IllegalStateException in Helm's words, if it refuses the values or a template
    Manifests render(String example, String... values) {
        Path parent = temporaryDirectory();
        Chart whole = withoutHooks(parent);
        TemplateCommand template = new Helm(whole.directory)
                .template()
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES);
        if (!example.isEmpty()) {
            template.withValuesFile(example(example));
        }
        for (int i = 0; i < values.length; i++) {
            template.withValuesFile(write(parent.resolve(i + ".yaml"), values[i]));
        }
        List<JsonNode> documents = new ArrayList<>();
        try (var read = YAML.readerFor(JsonNode.class).<JsonNode>readValues(template.call())) {
            while (read.hasNextValue()) {
                JsonNode document = read.nextValue();
                if (document.isObject()) {
                    documents.add(document);
                }
            }
        } finally {
            delete(parent);
        }
        return new Manifests(documents);
    }

    /// Helm renders hooks, such as the pod of `helm test`, only into a cluster: without the line that makes it one it
    /// is rendered like everything else.
    private Chart withoutHooks(Path parent) {
        Chart copy = copyWith(parent, "");
        Path file = copy.directory.resolve("templates/tests/questions.yaml");
        try {
            write(file, Files.readString(file).replace("helm.sh/hook: test\n", "was/hook: test\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    /// What the operator reads after an installation.
    String notes(String example) {
        return new Helm(directory)
                .install()
                .clientOnly()
                .withDryRunOption(DryRun.CLIENT)
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES)
                .withValuesFile(example(example))
                .call()
                .getOutput();
    }

    LintResult lint() {
        return new Helm(directory).lint().strict().call();
    }

    /// A copy whose own values are those of an example, because Helm lints with a chart's own.
    Chart copyWith(Path parent, String example) {
        Path copy = parent.resolve("skywire");
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Path target = copy.resolve(directory.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            if (!example.isEmpty()) {
                Path values = copy.resolve("values.yaml");
                JsonNode merged = YAML.readTree(values.toFile());
                YAML.readerForUpdating(merged).readValue(example(example).toFile());
                Files.writeString(values, YAML.writeValueAsString(merged));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Chart(copy);
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("chart");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
