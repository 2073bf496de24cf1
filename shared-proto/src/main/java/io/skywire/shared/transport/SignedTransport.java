package io.skywire.shared.transport;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;

/// A transport entry with a signature of each edge. Not yet verified: ask [#isProven()].
public record SignedTransport(TransportEntry entry, Signature lowerSignature, Signature higherSignature) {

    /// Puts the two halves in the order of the edges.
    ///
    /// @throws IllegalArgumentException if `edge` is no edge of the entry
    public static SignedTransport of(TransportEntry entry, PublicKey edge, Signature edges, Signature opposites) {
        return entry.opposite(edge).equals(entry.higher())
                ? new SignedTransport(entry, edges, opposites)
                : new SignedTransport(entry, opposites, edges);
    }

    /// Signs with both keys; only tests and simulations hold both.
    public static SignedTransport signedByBoth(TransportEntry entry, KeyPair one, KeyPair other) {
        return of(entry, one.publicKey(), entry.sign(one), entry.sign(other));
    }

    public TransportId id() {
        return entry.id();
    }

    /// Whether both edges signed this entry. Costs two signature checks.
    public boolean isProven() {
        byte[] signed = entry.signedBytes();
        return entry.lower().verifies(lowerSignature, signed) && entry.higher().verifies(higherSignature, signed);
    }
}
