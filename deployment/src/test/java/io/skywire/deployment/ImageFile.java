package io.skywire.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The instructions of a Dockerfile, one string each, without comments and with continued lines joined.
record ImageFile(List<String> instructions) {
    static final Path IMAGES = Path.of("images");

    static ImageFile of(String name) {
        try {
            List<String> instructions = new ArrayList<>();
            StringBuilder open = new StringBuilder();
            for (String line : Files.readAllLines(IMAGES.resolve(name + ".Dockerfile"))) {
                if (line.startsWith("#") || line.isBlank()) {
                    continue;
                }
                open.append(open.isEmpty() ? "" : " ")
                        .append(line.replaceFirst("\\\\$", "").strip());
                if (!line.endsWith("\\")) {
                    instructions.add(open.toString());
                    open.setLength(0);
                }
            }
            return new ImageFile(List.copyOf(instructions));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The arguments of the last such instruction.
    String last(String instruction) {
        return instructions.stream()
                .filter(line -> line.startsWith(instruction + " "))
                .reduce((before, after) -> after)
                .orElseThrow(() -> new AssertionError("no " + instruction))
                .substring(instruction.length() + 1);
    }

    List<String> entrypoint() {
        List<String> words = new ArrayList<>();
        new JsonMapper().readTree(last("ENTRYPOINT")).forEach(word -> words.add(word.asString()));
        return words;
    }

    /// The modules that jlink is told to put into the runtime.
    String modules() {
        String run = instructions.stream()
                .filter(line -> line.startsWith("RUN jlink"))
                .findAny()
                .orElseThrow();
        return run.replaceFirst(".*--add-modules (\\S+).*", "$1");
    }
}
