package io.skywire.shared.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RuleReceiptTest {
    private final KeyPair node = KeyPair.generate(new Random(7));
    private final PublicKey other = KeyPair.generate(new Random(8)).publicKey();
    private final byte[] delta = "a delta".getBytes(StandardCharsets.UTF_8);
    private final byte[] receipt = RuleReceipt.sign(node, 5, delta).bytes();

    @Test
    void isWhatTheDocumentSaysThatTheNodeSigns() throws Exception {
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes("skywire rule receipt v1".getBytes(StandardCharsets.US_ASCII));
        signed.write(0);
        signed.writeBytes(node.publicKey().bytes());
        signed.writeBytes(ByteBuffer.allocate(8).putLong(5).array());
        signed.writeBytes(MessageDigest.getInstance("SHA-256").digest(delta));

        assertThat(node.publicKey().verifies(Signature.of(receipt), signed.toByteArray()))
                .isTrue();
        assertThat(RuleReceipt.isSigned(node.publicKey(), 5, delta, receipt)).isTrue();
    }

    @Test
    void standsForOneNodeOneRevisionAndOneDelta() {
        assertThat(RuleReceipt.isSigned(other, 5, delta, receipt)).isFalse();
        assertThat(RuleReceipt.isSigned(node.publicKey(), 6, delta, receipt)).isFalse();
        assertThat(RuleReceipt.isSigned(node.publicKey(), 5, new byte[0], receipt))
                .isFalse();
    }

    @Test
    void takesAnyBytesForWhatTheyAre() {
        assertThat(RuleReceipt.isSigned(node.publicKey(), 5, delta, new byte[0]))
                .isFalse();
        assertThat(RuleReceipt.isSigned(node.publicKey(), 5, delta, new byte[65]))
                .isFalse();
        byte[] flipped = receipt.clone();
        flipped[10] ^= 1;
        assertThat(RuleReceipt.isSigned(node.publicKey(), 5, delta, flipped)).isFalse();
    }
}
