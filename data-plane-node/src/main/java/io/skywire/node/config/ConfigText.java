package io.skywire.node.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The text of a config file, read once.
final class ConfigText {
    private static final long LARGEST_FILE = 1 << 20;

    private ConfigText() {}

    /// The whole file as a section.
    ///
    /// @throws ConfigException if the file cannot be read or is no YAML
    static Section open(Path file, Problems problems) throws ConfigException {
        YamlNode node = new YamlReader(problems).read(text(file, problems));
        problems.throwIfUnreadable();
        return Section.root(problems, node);
    }

    private static String text(Path file, Problems problems) throws ConfigException {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                problems.addSyntax(0, "a config has at most " + LARGEST_FILE + " bytes");
            } else {
                return Files.readString(file, StandardCharsets.UTF_8);
            }
        } catch (NoSuchFileException missing) {
            problems.addSyntax(0, "there is no such file; name one with -c FILE");
        } catch (CharacterCodingException notText) {
            problems.addSyntax(0, "not UTF-8 text");
        } catch (IOException unreadable) {
            problems.addSyntax(0, "cannot be read: " + Reasons.of(unreadable));
        }
        problems.throwIfUnreadable();
        return "";
    }
}
