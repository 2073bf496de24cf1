package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.skywire.local.ProcessMemory.Search;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A search that finds nothing says something only if it finds what is there.
@Timeout(180)
class ProcessMemoryTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SIZE = 3 << 20;

    private final Random random = new Random(17);

    private byte[] drawn(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    /// A process that holds these bytes, `inside` its heap or `outside`.
    private static Process holderOf(byte[] bytes, String where) throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        Path.of("target", "test-classes").toString(),
                        HoldsBytes.class.getName(),
                        String.valueOf(bytes.length),
                        where)
                .start();
        holder.getOutputStream().write(bytes);
        holder.getOutputStream().flush();
        BufferedReader said = holder.inputReader(StandardCharsets.US_ASCII);
        assertThat(said.readLine()).isEqualTo("holds " + bytes.length);
        return holder;
    }

    @Test
    void findsWhatAProcessHoldsOutsideItsHeapAndNothingElse() throws Exception {
        byte[] held = drawn(SIZE);
        // Longer than what is read at once, less one: it lies across two pieces wherever the memory begins.
        byte[] across = Arrays.copyOfRange(held, SIZE / 4, SIZE / 4 + (1 << 19));
        byte[] last = Arrays.copyOfRange(held, SIZE - 32, SIZE);
        byte[] another = drawn(32);

        Process holder = holderOf(held, "outside");
        try {
            assertThat(ProcessMemory.search(holder.pid(), last, LIMIT)).isInstanceOf(Search.Found.class);
            assertThat(ProcessMemory.search(holder.pid(), across, LIMIT)).isInstanceOf(Search.Found.class);
            assertThat(ProcessMemory.search(holder.pid(), another, LIMIT))
                    .isInstanceOfSatisfying(Search.Nowhere.class, nowhere -> {
                        assertThat(nowhere.extent()).isEqualTo(ProcessMemory.Extent.ALL_IT_CAN_WRITE_TO);
                        assertThat(nowhere.bytes()).isGreaterThan(SIZE);
                    });
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void aDumpOfTheHeapHasWhatIsInsideAndSaysThatItIsNotAll() throws Exception {
        byte[] held = drawn(SIZE);
        byte[] last = Arrays.copyOfRange(held, SIZE - 32, SIZE);

        Process inside = holderOf(held, "inside");
        Process outside = holderOf(held, "outside");
        try {
            assertThat(ProcessMemory.searchHeap(inside.pid(), last, LIMIT)).isEqualTo(new Search.Found("the heap"));
            assertThat(ProcessMemory.searchHeap(outside.pid(), last, LIMIT))
                    .isInstanceOfSatisfying(
                            Search.Nowhere.class,
                            nowhere -> assertThat(nowhere.extent()).isEqualTo(ProcessMemory.Extent.HEAP_ONLY));
        } finally {
            inside.destroyForcibly();
            outside.destroyForcibly();
        }
    }

    @Test
    void aSearchThatHasNoTimeOrNoProcessSaysNothing() throws Exception {
        Process holder = holderOf(drawn(SIZE), "outside");
        assertThat(ProcessMemory.search(holder.pid(), drawn(32), Duration.ZERO)).isInstanceOf(Search.Unknown.class);

        holder.destroyForcibly();
        assertThat(holder.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ProcessMemory.search(holder.pid(), drawn(32), LIMIT)).isInstanceOf(Search.Unknown.class);
    }

    @Test
    void bytesThatAreEverywhereByChanceAreNotLookedFor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessMemory.search(ProcessHandle.current().pid(), new byte[7], LIMIT));
    }
}
