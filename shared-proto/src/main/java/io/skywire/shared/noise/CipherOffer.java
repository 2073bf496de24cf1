package io.skywire.shared.noise;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// The ciphers that a node can use on a link, and whether it prefers AES.
/// ```
///  7            6 … 2     1             0
///  +------------+---------+-------------+-------------------+
///  | prefer AES | zero    | AES-256-GCM | ChaCha20-Poly1305 |
///  +------------+---------+-------------+-------------------+
/// ```
public final class CipherOffer {
    private static final int PREFERS_AES = 0x80;

    private final int bits;

    private CipherOffer(int bits) {
        this.bits = bits;
    }

    /// Both ciphers, one of them preferred.
    public static CipherOffer preferring(LinkCipher preferred) {
        int both = LinkCipher.CHACHA20_POLY1305.number() | LinkCipher.AES_256_GCM.number();
        return new CipherOffer(preferred == LinkCipher.AES_256_GCM ? both | PREFERS_AES : both);
    }

    /// Exactly one cipher.
    public static CipherOffer only(LinkCipher cipher) {
        return new CipherOffer(cipher == LinkCipher.AES_256_GCM ? cipher.number() | PREFERS_AES : cipher.number());
    }

    /// Unknown bits count as ciphers of a later version: kept, never chosen.
    static CipherOffer ofBits(int bits) {
        return new CipherOffer(bits & 0xff);
    }

    int bits() {
        return bits;
    }

    Set<LinkCipher> ciphers() {
        Set<LinkCipher> ciphers = EnumSet.noneOf(LinkCipher.class);
        for (LinkCipher cipher : LinkCipher.values()) {
            if ((bits & cipher.number()) != 0) {
                ciphers.add(cipher);
            }
        }
        return ciphers;
    }

    private boolean prefersAes() {
        return (bits & PREFERS_AES) != 0;
    }

    /// What two offers lead to, the same from both sides: AES if both prefer it, else ChaCha20-Poly1305, else the only
    /// common one. Empty if there is none.
    Optional<LinkCipher> agree(CipherOffer other) {
        Set<LinkCipher> common = ciphers();
        common.retainAll(other.ciphers());
        if (common.contains(LinkCipher.AES_256_GCM) && prefersAes() && other.prefersAes()) {
            return Optional.of(LinkCipher.AES_256_GCM);
        }
        return common.stream().findFirst();
    }

    /// Whether this offer's owner may be asked to use `chosen`: it was offered, and a cipher of second choice is no
    /// AES forced upon a node without the instructions while ChaCha20-Poly1305 was on offer too.
    boolean allows(LinkCipher chosen) {
        return ciphers().contains(chosen)
                && (chosen != LinkCipher.AES_256_GCM
                        || prefersAes()
                        || ciphers().size() == 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CipherOffer that && bits == that.bits;
    }

    @Override
    public int hashCode() {
        return bits;
    }

    @Override
    public String toString() {
        return "CipherOffer(" + ciphers() + (prefersAes() ? ", AES preferred)" : ")");
    }
}
