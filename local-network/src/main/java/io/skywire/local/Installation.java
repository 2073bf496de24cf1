package io.skywire.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Where the built programs of this checkout lie, and how they are run: the module's jar beside its libraries.
public record Installation(Path root, Path javaHome) {
    private static final List<String> FLAGS =
            List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-XX:+UseSerialGC");

    /// The checkout that the launcher named in `skywire.root`, run by the JDK that runs this.
    public static Installation ofThisProcess() {
        String root = System.getProperty("skywire.root");
        if (root == null) {
            throw new MachineLacks("the property skywire.root is not set: start this with ./skywire");
        }
        return at(Path.of(root));
    }

    static Installation at(Path root) {
        return new Installation(root.toAbsolutePath().normalize(), Path.of(System.getProperty("java.home")));
    }

    /// A command that runs `mainClass` of `module`, without its arguments.
    public List<String> java(String module, String maxHeap, String mainClass) {
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin/java").toString());
        command.addAll(FLAGS);
        command.add("-Xmx" + maxHeap);
        command.add("-cp");
        command.add(classPath(module));
        command.add(mainClass);
        return command;
    }

    public String classPath(String module) {
        return jar(module) + File.pathSeparator + target(module).resolve("lib") + File.separator + "*";
    }

    /// The JDK's own web server: a stock one, made by nobody here.
    Path jwebserver() {
        Path program = javaHome.resolve("bin/jwebserver");
        if (!Files.isExecutable(program)) {
            throw new MachineLacks("this JDK has no jwebserver: " + javaHome + " is a JRE, a whole JDK 25 is needed");
        }
        return program;
    }

    /// The jar of a module, without its libraries.
    Path jar(String module) {
        Path target = target(module);
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, module + "-*.jar")) {
            for (Path jar : jars) {
                String name = String.valueOf(jar.getFileName());
                if (!name.endsWith("-tests.jar") && !name.endsWith("-sources.jar")) {
                    return jar;
                }
            }
        } catch (IOException notBuilt) {
            throw new MachineLacks("module " + module + " is not built: run mvn package (" + target + ")");
        }
        throw new MachineLacks("module " + module + " is not built: run mvn package (no jar in " + target + ")");
    }

    private Path target(String module) {
        return root.resolve(module).resolve("target");
    }
}
