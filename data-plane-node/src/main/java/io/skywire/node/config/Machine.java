package io.skywire.node.config;

import io.skywire.node.config.NodeConfig.ControlPlane;
import io.skywire.node.config.NodeConfig.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Whether this machine has what a config names. Problems are told to the config's section.
final class Machine {
    private Machine() {}

    static void check(NodeConfig config, Section root) {
        try {
            KeyFile.read(config.keyFile());
        } catch (KeyFileException unusable) {
            root.problem("key_file", String.valueOf(unusable.getMessage()));
        }
        for (int i = 0; i < config.controlPlanes().size(); i++) {
            ControlPlane plane = config.controlPlanes().get(i);
            if (plane.tls() instanceof Tls.CaFile ca && !Files.isReadable(ca.file())) {
                root.problem(
                        "control_planes",
                        "tls of " + plane.address() + ": expected off, system or the path of a CA file, and there is"
                                + " no readable file " + ca.file());
            }
        }
    }

    /// Makes the state directory. Also writes a byte there and takes it away again: a full disk is told now and not in
    /// the middle of something.
    static void prepare(NodeConfig config, Section root) {
        try {
            prepare(config.stateDir());
        } catch (IOException unusable) {
            root.problem("state_dir", "cannot write to " + config.stateDir() + ": " + Reasons.of(unusable));
        }
    }

    private static void prepare(Path stateDir) throws IOException {
        if (!Files.isDirectory(stateDir)) {
            Files.createDirectories(
                    stateDir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path probe = Files.createTempFile(stateDir, ".probe", "");
        try {
            Files.write(probe, new byte[] {1});
        } finally {
            Files.delete(probe);
        }
    }
}
