package io.skywire.node.cli;

import io.skywire.node.api.StatusView;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.KeyFileException;
import io.skywire.shared.key.KeyPair;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Makes a node's key.
@Command(
        name = "keygen",
        mixinStandardHelpOptions = true,
        description = "Makes a key. Writes the secret to FILE (mode 0600, never overwritten) and the public key to"
                + " FILE.pub; without FILE prints both.")
final class KeygenCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "Where the secret goes.")
    private @Nullable Path file; // null where it was not given, as picocli has it

    @Mixin
    private Output output = new Output();

    KeygenCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws KeyFileException {
        KeyPair keys = KeyPair.generate(terminal.random());
        Map<String, String> told = new LinkedHashMap<>();
        told.put("public_key", keys.publicKey().hex());
        told.put("name", StatusView.nameOf(keys.publicKey()));
        if (file == null) {
            told.put("secret_key", keys.secret().revealHex());
        } else {
            KeyFile.write(file, keys);
            told.put("key_file", file.toString());
        }
        if (output.isJson()) {
            terminal.print(Output.json(told));
        } else {
            told.forEach((name, value) -> terminal.print(name + " " + value));
        }
        return ExitCode.HELD;
    }
}
