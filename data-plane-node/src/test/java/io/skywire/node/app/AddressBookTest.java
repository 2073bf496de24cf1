package io.skywire.node.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressBookTest {
    private static final PublicKey KEY = KeyPair.generate(new Random(1)).publicKey();
    private static final AddressBook BOOK = new AddressBook(Map.of("files", KEY));

    @Test
    void knowsKeysAndAliasesInEitherCase() {
        for (String name : new String[] {
            KEY.base32() + ".sky",
            KEY.hex() + ".sky",
            "files.sky",
            "FILES.SKY",
            "files.sky.",
            KEY.base32().toUpperCase(Locale.ROOT) + ".Sky"
        }) {
            assertThat(BOOK.resolve(name)).as(name).isEqualTo(new AddressBook.Lookup.Found(KEY));
        }
        assertThat(BOOK.resolveName("files")).isEqualTo(new AddressBook.Lookup.Found(KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "sky", "", ".", "files", "127.0.0.1", "::1", "files.sky.com", "skysky"})
    void leavesOtherNamesAlone(String name) {
        assertThat(BOOK.resolve(name)).isInstanceOf(AddressBook.Lookup.Foreign.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {".sky", "nobody.sky", "a.files.sky", "files..sky", "fi les.sky", "\u0000.sky"})
    void doesNotKnowWhatItHasNotGot(String name) {
        assertThat(BOOK.resolve(name)).isInstanceOf(AddressBook.Lookup.Unknown.class);
    }

    @Test
    void saysWhenAKeyIsNoKey() {
        for (String wrong : new String[] {"a".repeat(53), "0".repeat(66), "z".repeat(66), "1".repeat(53)}) {
            assertThat(BOOK.resolve(wrong + ".sky"))
                    .isInstanceOfSatisfying(
                            AddressBook.Lookup.Unknown.class,
                            unknown -> assertThat(unknown.detail()).contains("is not a public key"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "a.b", "a b", "ä", "x_y"})
    void refusesAliasesThatAreNoLabels(String alias) {
        assertThatThrownBy(() -> new AddressBook(Map.of(alias, KEY)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + alias + "'");
    }

    @Test
    void refusesAliasesThatCouldBeKeysAndThoseThatComeTwice() {
        assertThatThrownBy(() -> new AddressBook(Map.of("a".repeat(53), KEY)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new AddressBook(Map.of("Files", KEY, "files", KEY)))
                .hasMessageContaining("twice");
    }
}
