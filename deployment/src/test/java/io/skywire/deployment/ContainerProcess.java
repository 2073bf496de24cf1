package io.skywire.deployment;

import io.skywire.deployment.Manifests.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// A container's process without a container: the image's entrypoint with the pod's arguments, environment and user, on
/// files as the kubelet mounts them. Each pod has a loopback address of its own, as in a cluster it has one of its own.
///
/// Where the test is root's, the process gets the pod's user and group, no capability, and no right to gain any, and
/// its secrets are root's files that its group may read: it can write to `/tmp` only, as on a read-only root.
/// Otherwise it is the tester's own process, and its secrets are the tester's.
final class ContainerProcess implements AutoCloseable {
    private static final boolean ROOT = uid() == 0;
    private static final Duration END = Duration.ofSeconds(90);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final Process process;
    private final Pod pod;
    private final String address;
    private final Path log;

    private ContainerProcess(Process process, Pod pod, String address, Path log) {
        this.process = process;
        this.pod = pod;
        this.address = address;
        this.log = log;
    }

    /// An image as far as a process needs it.
    ///
    /// @param java the launcher inside it
    /// @param app what is at `/app`
    record Image(ImageFile file, Path java, Path app) {
        /// With the jars that Maven left in a module, where any user can read them.
        static Image of(String name, String module, Path java, Path directory) throws IOException {
            Path target = Path.of("..", module, "target");
            Path app = Files.createDirectories(directory.resolve("image-" + module));
            try (Stream<Path> jars = Files.list(target);
                    Stream<Path> libraries = Files.list(target.resolve("lib"))) {
                Path lib = Files.createDirectories(app.resolve("lib"));
                for (Path jar : jars.filter(
                                file -> file.getFileName().toString().matches(module + "-[^-]+(-SNAPSHOT)?\\.jar"))
                        .toList()) {
                    Files.copy(jar, app.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
                for (Path jar : libraries.toList()) {
                    Files.copy(jar, lib.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return new Image(ImageFile.of(name), java, app);
        }
    }

    /// What the cluster has beside the chart.
    ///
    /// @param secrets by name, then by key
    record Cluster(Map<String, Map<String, String>> secrets, Manifests manifests) {
        String secret(String name, String key) {
            String value = secrets.getOrDefault(name, Map.of()).get(key);
            if (value == null) {
                throw new AssertionError("the chart wants key " + key + " of secret " + name);
            }
            return value;
        }
    }

    /// @param number the pod's, in a StatefulSet
    /// @param directory a new one, for what is mounted and for the log
    static ContainerProcess start(Image image, Pod pod, int number, Cluster cluster, String address, Path directory)
            throws IOException {
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>();
        if (ROOT) {
            JsonNode security = pod.spec().path("securityContext");
            command.addAll(List.of(
                    "setpriv",
                    "--reuid=" + security.path("runAsUser").asInt(),
                    "--regid=" + security.path("runAsGroup").asInt(),
                    "--clear-groups",
                    "--no-new-privs",
                    "--inh-caps=-all",
                    "--bounding-set=-all"));
        }
        for (String word : image.file().entrypoint()) {
            if (word.equals("java")) {
                command.add(image.java().toString());
                command.add("-XX:MaxRAM=" + memoryLimit(pod)); // what the JVM would learn from its control group
            } else {
                command.add(word.replace("/app/", image.app() + "/"));
            }
        }
        Mounts mounts = new Mounts(directory.resolve("mounts"), number);
        mounts.of(pod, cluster);
        Manifests.items(pod.container().path("args"))
                .forEach(argument -> command.add(mounts.inside(argument.asString())));
        Path log = directory.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of(image.file().last("WORKDIR")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().clear();
        for (JsonNode variable : pod.container().path("env")) {
            JsonNode secret = variable.at("/valueFrom/secretKeyRef");
            String value = secret.isObject()
                    ? cluster.secret(
                            secret.path("name").asString(), secret.path("key").asString())
                    : variable.has("valueFrom")
                            ? Integer.toString(number)
                            : mounts.inside(variable.path("value").asString());
            builder.environment().put(variable.path("name").asString(), value);
        }
        return new ContainerProcess(builder.start(), pod, address, log);
    }

    /// As the JVM writes it: `768Mi` is `768m`.
    private static String memoryLimit(Pod pod) {
        return pod.container()
                .at("/resources/limits/memory")
                .asString()
                .replaceFirst("i$", "")
                .toLowerCase(Locale.ROOT);
    }

    /// Where the kubelet would mount volumes, below a directory of the test's.
    private record Mounts(Path directory, int number) {
        private static final String CONFIG = "/etc/skywire";
        private static final String SECRETS = "/run/skywire";

        String inside(String text) {
            return text.replace("$(POD_INDEX)", Integer.toString(number))
                    .replace(SECRETS, directory + SECRETS)
                    .replace(CONFIG, directory + CONFIG)
                    .replace(encoded(SECRETS), encoded(directory + SECRETS));
        }

        private static String encoded(String path) {
            return path.replace("/", "%2F");
        }

        void of(Pod pod, Cluster cluster) throws IOException {
            for (JsonNode mount : pod.container().path("volumeMounts")) {
                JsonNode volume = Manifests.items(pod.spec().path("volumes"))
                        .filter(one -> one.path("name").equals(mount.path("name")))
                        .findAny()
                        .orElseThrow();
                Path place = Path.of(directory + mount.path("mountPath").asString());
                if (volume.has("configMap")) {
                    String name = volume.at("/configMap/name").asString();
                    JsonNode data = cluster.manifests().of("ConfigMap").stream()
                            .filter(one -> Manifests.name(one).equals(name))
                            .findAny()
                            .orElseThrow()
                            .path("data");
                    Files.createDirectories(place);
                    for (var file : Manifests.texts(data).entrySet()) {
                        Files.writeString(place.resolve(file.getKey()), inside(file.getValue()));
                    }
                } else if (mount.has("subPathExpr")) {
                    Files.createDirectories(place.getParent());
                    secret(
                            place,
                            cluster.secret(
                                    volume.at("/secret/secretName").asString(),
                                    inside(mount.path("subPathExpr").asString())),
                            pod);
                } else if (volume.has("secret")) {
                    Files.createDirectories(place);
                    for (JsonNode item : volume.at("/secret/items")) {
                        secret(
                                place.resolve(item.path("path").asString()),
                                cluster.secret(
                                        volume.at("/secret/secretName").asString(),
                                        item.path("key").asString()),
                                pod);
                    }
                }
            }
        }

        private static void secret(Path file, String text, Pod pod) throws IOException {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(ROOT ? "r--r-----" : "r--------"));
            if (ROOT) {
                Files.setAttribute(
                        file,
                        "unix:gid",
                        pod.spec().at("/securityContext/fsGroup").asInt());
            }
        }
    }

    /// The status that the pod answers there, or the reason why it does not answer.
    ///
    /// @param port by name
    String status(String port, String path) {
        try {
            return Integer.toString(ask(port, path).statusCode());
        } catch (IOException notNow) {
            return notNow.toString();
        }
    }

    String body(String port, String path) {
        try {
            return ask(port, path).body();
        } catch (IOException notNow) {
            return notNow.toString();
        }
    }

    private HttpResponse<String> ask(String port, String path) throws IOException {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://" + address + ":" + pod.ports().get(port) + path))
                            .timeout(ANSWER)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    boolean answers(JsonNode probe) {
        return status(
                        probe.at("/httpGet/port").asString(),
                        probe.at("/httpGet/path").asString())
                .equals("200");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// What the kubelet does: SIGTERM, and after the termination period SIGKILL.
    ///
    /// @return the exit code, or empty if it had to be killed
    OptionalInt end() {
        process.destroy();
        try {
            if (process.waitFor(pod.spec().path("terminationGracePeriodSeconds").asInt(), TimeUnit.SECONDS)) {
                return OptionalInt.of(process.exitValue());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        close();
        return OptionalInt.empty();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static int uid() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid ? uid : -1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
