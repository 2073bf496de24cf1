package io.skywire.node.transport;

import io.skywire.shared.noise.LinkCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Which cipher a machine is faster at: AES-256-GCM with AES instructions, ChaCha20-Poly1305 without.
public final class FasterCipher {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private FasterCipher() {}

    public static LinkCipher ofThisMachine() {
        try {
            return ofCpuInfo(Files.readAllLines(CPU_INFO));
        } catch (IOException notLinux) {
            // Every 64-bit x86 or ARM machine sold with another system has the instructions.
            String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
            return List.of("amd64", "x86_64", "aarch64").contains(architecture)
                    ? LinkCipher.AES_256_GCM
                    : LinkCipher.CHACHA20_POLY1305;
        }
    }

    /// The lines are those of Linux' `/proc/cpuinfo`: `flags` on x86, `Features` on ARM.
    static LinkCipher ofCpuInfo(List<String> lines) {
        boolean aes = lines.stream()
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .anyMatch(line -> Arrays.asList(line.split("[\\s:]+", -1)).contains("aes"));
        return aes ? LinkCipher.AES_256_GCM : LinkCipher.CHACHA20_POLY1305;
    }
}
