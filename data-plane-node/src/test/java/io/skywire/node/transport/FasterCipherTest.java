package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.noise.LinkCipher;
import java.util.List;
import org.junit.jupiter.api.Test;

class FasterCipherTest {
    @Test
    void isAesWhereTheProcessorHasTheInstructions() {
        assertThat(FasterCipher.ofCpuInfo(List.of("model name\t: x", "flags\t\t: fpu sse2 aes avx")))
                .isEqualTo(LinkCipher.AES_256_GCM);
        assertThat(FasterCipher.ofCpuInfo(List.of("Features\t: fp asimd aes pmull")))
                .isEqualTo(LinkCipher.AES_256_GCM);
    }

    @Test
    void isChaChaElsewhere() {
        assertThat(FasterCipher.ofCpuInfo(List.of("Features\t: fp asimd evtstrm crc32", "Model\t: aes board")))
                .isEqualTo(LinkCipher.CHACHA20_POLY1305);
        assertThat(FasterCipher.ofCpuInfo(List.of())).isEqualTo(LinkCipher.CHACHA20_POLY1305);
    }
}
