package io.skywire.pack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Copies jars without compression, so that the package's own compression sees the classes and the JVM need not
/// inflate them, and without what a running agent never reads: signatures of jars, build files, sources of protocol
/// buffers. A signed jar's manifest names each of its files; the JVM would keep thousands of them in memory, so only
/// what is said of the jar as a whole stays.
///
/// `PlainJars FROM TO`, two directories.
final class PlainJars {
    private static final List<String> UNREAD =
            List.of("META-INF/maven/", "META-INF/proguard/", "META-INF/versions/9/module-info");
    private static final List<String> UNREAD_KINDS = List.of(".SF", ".RSA", ".DSA", ".proto", ".html");
    private static final long NO_DATE =
            315_532_800_000L; // the first that a zip file knows, in every time zone from then on

    private PlainJars() {}

    public static void main(String[] arguments) throws IOException {
        Path to = Files.createDirectories(Path.of(arguments[1]));
        for (Path old : jarsIn(to)) {
            Files.delete(old);
        }
        for (Path jar : jarsIn(Path.of(arguments[0]))) {
            copy(jar, to.resolve(jar.getFileName()));
        }
    }

    private static List<Path> jarsIn(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile());
                OutputStream file = Files.newOutputStream(to);
                ZipOutputStream out = new ZipOutputStream(file)) {
            out.setMethod(ZipOutputStream.STORED);
            jar.stream()
                    .filter(entry -> !entry.isDirectory() && isRead(entry.getName()))
                    .sorted(Comparator.comparing(ZipEntry::getName))
                    .forEach(entry -> store(jar, entry, out));
        }
    }

    private static void store(ZipFile jar, ZipEntry entry, ZipOutputStream out) {
        try (var in = jar.getInputStream(entry)) {
            byte[] content = entry.getName().equals(JarFile.MANIFEST_NAME) ? ofTheWholeJar(in) : in.readAllBytes();
            CRC32 sum = new CRC32();
            sum.update(content);
            ZipEntry plain = new ZipEntry(entry.getName());
            plain.setSize(content.length);
            plain.setCrc(sum.getValue());
            plain.setTime(NO_DATE);
            out.putNextEntry(plain);
            out.write(content);
            out.closeEntry();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static byte[] ofTheWholeJar(InputStream in) throws IOException {
        Manifest manifest = new Manifest(in);
        manifest.getEntries().clear();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        manifest.write(out);
        return out.toByteArray();
    }

    private static boolean isRead(String name) {
        return UNREAD.stream().noneMatch(name::startsWith)
                && UNREAD_KINDS.stream().noneMatch(name::endsWith);
    }
}
