package io.skywire.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:1", "127.255.0.3:1", "[::1]:1", "localhost:1"})
    void knowsLoopback(String text) {
        assertThat(HostPort.parse(text).isLoopback()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"128.0.0.1:1", "[::2]:1", "127.0.0.1.example.org:1", "localhost.example.org:1", "0.0.0.0:1"})
    void isNotFooledByWhatLooksLikeLoopback(String text) {
        assertThat(HostPort.parse(text).isLoopback()).isFalse();
    }

    @Test
    void printsWhatItParses() {
        assertThat(HostPort.parse("[fe80::1]:65535").toString()).isEqualTo("[fe80:0:0:0:0:0:0:1]:65535");
        assertThat(HostPort.parse("example.org:0").toString()).isEqualTo("example.org:0");
    }
}
