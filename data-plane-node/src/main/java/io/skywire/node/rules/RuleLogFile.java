package io.skywire.node.rules;

import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.proto.v1.RulesExpired;
import io.skywire.proto.v1.SignedRuleDelta;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleProtos;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The bytes of the rules on disk, mode 0600. Not thread-safe.
/// ```
///  "skywire rules 1\n" | record | record | …
///
///  record:  0            4      5
///           +------------+------+-----------------+
///           | length u32 | kind | length - 1 bytes |   big-endian
///           +------------+------+-----------------+
///  kind 1: SignedRuleDelta, a snapshot; kind 2: SignedRuleDelta, an increment; kind 3: RulesExpired
/// ```
/// Reading ends at the first record that is cut off or makes no sense: a crash in the middle of a write leaves one. A
/// snapshot replaces the file by a rename; the rest is appended. Both are on the disk when they return.
final class RuleLogFile {
    private static final byte[] MAGIC = "skywire rules 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD = Integer.BYTES + 1;
    private static final int LARGEST_RECORD = 16 * 1024 * 1024;
    private static final long LARGEST_FILE = 64L * 1024 * 1024;
    private static final byte SNAPSHOT = 1;
    private static final byte INCREMENT = 2;
    private static final byte GONE = 3;
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;
    private final List<Long> ends = new ArrayList<>(); // of the records that were read
    private long length; // what is good; behind it may be the rest of a write that failed

    RuleLogFile(Path file) {
        this.file = file;
    }

    /// All records in order; none if there is no file.
    List<RuleMemory.Entry> read() throws IOException {
        List<RuleMemory.Entry> entries = new ArrayList<>();
        byte[] all;
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new IOException("it has more than " + LARGEST_FILE + " bytes");
            }
            all = Files.readAllBytes(file);
        } catch (NoSuchFileException none) {
            return entries;
        }
        ByteBuffer bytes = ByteBuffer.wrap(all);
        byte[] magic = new byte[MAGIC.length];
        if (all.length < MAGIC.length) {
            return entries;
        }
        bytes.get(magic);
        if (!java.util.Arrays.equals(magic, MAGIC)) {
            throw new IOException("it does not begin like a file of rules");
        }
        length = bytes.position();
        while (bytes.remaining() >= HEAD) {
            int size = bytes.getInt();
            if (size < 1 || size > LARGEST_RECORD || size > bytes.remaining()) {
                break;
            }
            byte kind = bytes.get();
            byte[] body = new byte[size - 1];
            bytes.get(body);
            try {
                entries.add(parse(kind, body));
            } catch (InvalidProtocolBufferException | IllegalArgumentException senseless) {
                break;
            }
            length = bytes.position();
            ends.add(length);
        }
        return entries;
    }

    private static RuleMemory.Entry parse(byte kind, byte[] body) throws InvalidProtocolBufferException {
        return switch (kind) {
            case SNAPSHOT -> applied(body, RuleDelta.Kind.SNAPSHOT);
            case INCREMENT -> applied(body, RuleDelta.Kind.INCREMENT);
            case GONE ->
                new RuleMemory.Entry.Gone(RulesExpired.parseFrom(body).getRulesList().stream()
                        .map(RuleProtos::fromProto)
                        .toList());
            default -> throw new IllegalArgumentException("no record has kind " + kind);
        };
    }

    private static RuleMemory.Entry applied(byte[] body, RuleDelta.Kind kind) throws InvalidProtocolBufferException {
        return new RuleMemory.Entry.Applied(RuleProtos.fromProto(SignedRuleDelta.parseFrom(body)), kind);
    }

    /// The next write goes behind so many of the records that were read.
    void holds(int records) {
        length = records == 0 ? 0 : ends.get(records - 1);
    }

    void replace(List<RuleMemory.Entry> entries) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path draft = Files.createTempFile(directory, ".rules", ".new", PRIVATE);
        try {
            byte[] bytes = joined(MAGIC, entries);
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                write(channel, bytes);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel renamed = FileChannel.open(directory, StandardOpenOption.READ)) {
                renamed.force(true);
            }
            length = bytes.length;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    void append(List<RuleMemory.Entry> entries) throws IOException {
        if (length == 0) {
            replace(entries);
            return;
        }
        byte[] bytes = joined(new byte[0], entries);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
            channel.position(length);
            write(channel, bytes);
        }
        length += bytes.length;
    }

    private static void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            channel.write(left);
        }
        channel.force(true);
    }

    private static byte[] joined(byte[] first, List<RuleMemory.Entry> entries) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        for (RuleMemory.Entry entry : entries) {
            byte[] body = body(entry);
            all.writeBytes(ByteBuffer.allocate(HEAD)
                    .putInt(body.length + 1)
                    .put(kind(entry))
                    .array());
            all.writeBytes(body);
        }
        return all.toByteArray();
    }

    private static byte kind(RuleMemory.Entry entry) {
        return switch (entry) {
            case RuleMemory.Entry.Applied applied ->
                switch (applied.kind()) {
                    case SNAPSHOT -> SNAPSHOT;
                    case INCREMENT -> INCREMENT;
                };
            case RuleMemory.Entry.Gone gone -> GONE;
        };
    }

    private static byte[] body(RuleMemory.Entry entry) {
        return switch (entry) {
            case RuleMemory.Entry.Applied applied ->
                RuleProtos.toProto(applied.signed()).toByteArray();
            case RuleMemory.Entry.Gone gone -> {
                RulesExpired.Builder proto = RulesExpired.newBuilder();
                gone.rules().forEach(rule -> proto.addRules(RuleProtos.toProto(rule)));
                yield proto.build().toByteArray();
            }
        };
    }

    static long size(RuleMemory.Entry entry) {
        return HEAD + body(entry).length;
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
