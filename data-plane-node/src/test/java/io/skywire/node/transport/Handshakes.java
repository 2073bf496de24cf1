package io.skywire.node.transport;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import io.skywire.shared.packet.PacketLayout;
import java.util.Random;

/// Handshakes between two key pairs without a wire between them.
final class Handshakes {
    private Handshakes() {}

    record Pair(KeyPair dialler, KeyPair acceptor, LinkSession dialled, LinkSession accepted) {}

    static Pair pair(long seed) {
        Random random = new Random(seed);
        KeyPair dialler = KeyPair.generate(random);
        KeyPair acceptor = KeyPair.generate(random);
        CipherOffer offer = CipherOffer.preferring(LinkCipher.AES_256_GCM);
        int max = PacketLayout.MAX_PAYLOAD;
        LinkHandshake one =
                LinkHandshake.dialling(dialler, acceptor.publicKey(), offer, max, () -> KeyPair.generate(random));
        LinkHandshake two = LinkHandshake.accepting(acceptor, offer, max, () -> KeyPair.generate(random));
        try {
            byte[] reply = ((LinkHandshake.Step.Reply) two.receive(one.start())).message();
            LinkHandshake.Step.Done dialled = (LinkHandshake.Step.Done) one.receive(reply);
            LinkHandshake.Step.Done accepted =
                    (LinkHandshake.Step.Done) two.receive(dialled.lastMessage().orElseThrow());
            return new Pair(dialler, acceptor, dialled.session(), accepted.session());
        } catch (HandshakeException bug) {
            throw new IllegalStateException(bug);
        }
    }
}
