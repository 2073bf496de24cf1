package io.skywire.shared.noise;

import io.skywire.shared.key.PublicKey;

/// What a finished link handshake leaves: the neighbour's proven key, a sealed direction each way, and the terms.
/// `maxPayload` is the largest packet payload, in bytes, that both sides carry.
public record LinkSession(
        PublicKey remote, LinkCipher cipher, int maxPayload, CipherState sealing, CipherState opening) {}
