package io.skywire.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The control plane of an earlier commit, built from its sources in a folder of the run. [#close] removes it.
public final class EarlierBuild implements AutoCloseable {
    private static final Duration GIT = Duration.ofSeconds(60);
    private static final Duration BUILD = Duration.ofMinutes(15);

    private static final String MIGRATIONS = "db/migrations/V*.sql";

    private final Path root;
    private final Installation installation;
    private final String commit;

    private EarlierBuild(Path root, Installation installation, String commit) {
        this.root = root;
        this.installation = installation;
        this.commit = commit;
    }

    /// The commit that `revision` names in the checkout of this process, none if it has no such commit: a checkout
    /// without history, or an unpacked archive.
    public static Optional<String> commit(String revision) {
        Path root = Installation.ofThisProcess().root();
        if (Programs.find("git").isEmpty()) {
            return Optional.empty();
        }
        ChildProcess.Outcome found =
                ChildProcess.run(List.of("git", "rev-parse", "--verify", "--quiet", revision + "^{commit}"), root, GIT);
        return found.succeeded() ? Optional.of(found.out()) : Optional.empty();
    }

    /// The newest commit that does not know all migrations of this checkout: the one before that which added the
    /// newest, or the newest of all if that is not committed yet. None in a checkout whose history does not reach
    /// back so far.
    public static Optional<String> beforeTheNewestMigration() {
        Path root = Installation.ofThisProcess().root();
        if (Programs.find("git").isEmpty()) {
            return Optional.empty();
        }
        ChildProcess.Outcome changed =
                ChildProcess.run(List.of("git", "status", "--porcelain", "--no-renames", "--", MIGRATIONS), root, GIT);
        if (changed.succeeded() && changed.out().lines().anyMatch(line -> line.matches("(\\?\\?|A.|.A) .*\\.sql"))) {
            return commit("HEAD");
        }
        ChildProcess.Outcome added = ChildProcess.run(
                List.of("git", "log", "-1", "--diff-filter=A", "--no-renames", "--format=%H", "--", MIGRATIONS),
                root,
                GIT);
        return added.succeeded() && !added.out().isEmpty() ? commit(added.out() + "^") : Optional.empty();
    }

    /// Builds `commit` without its tests, which takes a minute or more. Maven must be on the path.
    ///
    /// @throws NetworkFailure if it cannot be checked out or does not build
    public static EarlierBuild of(String commit, RunHome home) {
        Path mvn = Programs.find("mvn").orElseThrow(() -> new MachineLacks("mvn is not on the path"));
        Installation now = Installation.ofThisProcess();
        Path root = home.state().root().resolve("earlier");
        EarlierBuild build = new EarlierBuild(root, Installation.at(root), commit);
        try {
            Files.createDirectories(root);
            // No second work tree: nothing of this stays in the repository, whatever ends the run.
            require(
                    ChildProcess.run(
                            List.of(
                                    "sh",
                                    "-c",
                                    "git archive \"$0\" -- . ':(exclude)*/src/test/*' | tar -x -C \"$1\"",
                                    commit,
                                    root.toString()),
                            now.root(),
                            GIT),
                    "cannot check out " + commit);
            withoutChecks(root.resolve("pom.xml"));
            require(
                    ChildProcess.run(
                            List.of(
                                    mvn.toString(),
                                    "-B",
                                    "-ntp",
                                    "-q",
                                    "-pl",
                                    "control-plane",
                                    "-am",
                                    "package",
                                    "-DskipTests",
                                    "-Dspotless.check.skip=true"),
                            root,
                            BUILD),
                    commit + " does not build");
            // What ends a child with its launcher is always this checkout's.
            Path jar = now.jar("local-network");
            Path beside = root.resolve("local-network").resolve("target");
            Files.createDirectories(beside);
            Files.copy(jar, beside.resolve(String.valueOf(jar.getFileName())));
            return build;
        } catch (IOException failure) {
            build.close();
            throw new NetworkFailure("cannot prepare " + root + ": " + failure);
        } catch (RuntimeException failure) {
            build.close();
            throw failure;
        }
    }

    /// Error Prone has seen these sources when they were committed; without it they compile in half the time.
    private static void withoutChecks(Path pom) throws IOException {
        Files.write(
                pom,
                Files.readAllLines(pom).stream()
                        .filter(line -> !line.contains("-Xplugin:ErrorProne"))
                        .toList());
    }

    public Installation installation() {
        return installation;
    }

    public String commit() {
        return commit;
    }

    /// The migrations of this checkout that it does not know.
    public Set<String> unknownMigrations() {
        Set<String> unknown = migrations(Installation.ofThisProcess().root());
        unknown.removeAll(migrations(root));
        return unknown;
    }

    private static Set<String> migrations(Path checkout) {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(checkout.resolve("db").resolve("migrations"), "V*.sql")) {
            files.forEach(file -> names.add(String.valueOf(file.getFileName())));
        } catch (IOException unreadable) {
            throw new NetworkFailure("the migrations of " + checkout + " cannot be read: " + unreadable);
        }
        return names;
    }

    private static void require(ChildProcess.Outcome outcome, String what) {
        if (!outcome.succeeded()) {
            String said = outcome.said();
            throw new NetworkFailure(what + ": " + said.substring(Math.max(0, said.length() - 2_000)));
        }
    }

    @Override
    public void close() {
        StateDirectory.delete(root);
    }
}
