package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Predicate;

/// Copies of directories that may be written meanwhile: a file that goes away is left out.
final class Copies {
    private Copies() {}

    /// Directories are all made, files are copied if they are `wanted`, by their path in `from`.
    static void tree(Path from, Path into, Predicate<Path> wanted) {
        try {
            Files.walkFileTree(from, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    Files.createDirectories(into.resolve(from.relativize(directory)));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (wanted.test(file)) {
                        try {
                            Files.copy(file, into.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                        } catch (NoSuchFileException goneMeanwhile) {
                            // its end is in the log that is copied too
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot copy " + from, failure);
        }
    }
}
