package io.skywire.shared.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.DeterministicKeys;
import io.skywire.shared.key.KeyPair;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SessionProofTest {
    private final KeyPair node = DeterministicKeys.of("node1");
    private final byte[] one = filled(1);
    private final byte[] two = filled(2);

    @Test
    void laysOutDomainThenNoncesThenKey() {
        byte[] proof = SessionProof.ofControlPlane(one, two, node.publicKey());

        String domain = "skywire control hello v1\0";
        assertThat(proof).hasSize(domain.length() + 32 + 32 + 33);
        assertThat(new String(proof, 0, domain.length(), StandardCharsets.US_ASCII))
                .isEqualTo(domain);
        assertThat(Arrays.copyOfRange(proof, domain.length(), domain.length() + 32))
                .isEqualTo(one);
        assertThat(Arrays.copyOfRange(proof, domain.length() + 64, proof.length))
                .isEqualTo(node.publicKey().bytes());
    }

    @Test
    void oneProofNeverServesAsTheOther() {
        byte[] control = SessionProof.ofControlPlane(one, two, node.publicKey());
        byte[] agent = SessionProof.ofAgent(one, two, node.publicKey());

        assertThat(control).isNotEqualTo(agent);
        assertThat(node.publicKey().verifies(node.sign(control), agent)).isFalse();
        assertThat(node.publicKey().verifies(node.sign(control), control)).isTrue();
    }

    @Test
    void everyPartChangesWhatIsSigned() {
        byte[] proof = SessionProof.ofAgent(one, two, node.publicKey());

        assertThat(proof)
                .isNotEqualTo(SessionProof.ofAgent(two, one, node.publicKey()))
                .isNotEqualTo(SessionProof.ofAgent(one, one, node.publicKey()))
                .isNotEqualTo(SessionProof.ofAgent(
                        one, two, DeterministicKeys.of("node2").publicKey()));
    }

    @Test
    void refusesNoncesOfAnotherLength() {
        for (int length : new int[] {0, 31, 33}) {
            assertThatThrownBy(() -> SessionProof.ofAgent(new byte[length], two, node.publicKey()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> SessionProof.ofControlPlane(one, new byte[length], node.publicKey()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static byte[] filled(int value) {
        byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
        Arrays.fill(nonce, (byte) value);
        return nonce;
    }
}
