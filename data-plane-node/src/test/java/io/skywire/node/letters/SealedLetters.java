package io.skywire.node.letters;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.util.Random;

/// Two ends of a session without a wire between them.
record SealedLetters(LinkSession client, LinkSession server) {
    static SealedLetters pair(long seed) {
        Random random = new Random(seed);
        KeyPair self = KeyPair.generate(random);
        KeyPair other = KeyPair.generate(random);
        CipherOffer offer = CipherOffer.preferring(LinkCipher.AES_256_GCM);
        LinkHandshake one = LinkHandshake.dialling(
                LinkHandshake.Purpose.MESSAGING,
                self,
                other.publicKey(),
                offer,
                LetterLayout.MAX_PAYLOAD,
                () -> KeyPair.generate(random));
        LinkHandshake two = LinkHandshake.accepting(
                LinkHandshake.Purpose.MESSAGING,
                other,
                offer,
                LetterLayout.MAX_PAYLOAD,
                () -> KeyPair.generate(random));
        try {
            byte[] reply = ((LinkHandshake.Step.Reply) two.receive(one.start())).message();
            LinkHandshake.Step.Done dialled = (LinkHandshake.Step.Done) one.receive(reply);
            LinkHandshake.Step.Done accepted =
                    (LinkHandshake.Step.Done) two.receive(dialled.lastMessage().orElseThrow());
            return new SealedLetters(dialled.session(), accepted.session());
        } catch (HandshakeException bug) {
            throw new IllegalStateException(bug);
        }
    }

    /// One frame of this plaintext, from the client.
    static byte[] frame(FrameBuilder frames, byte[] plain) {
        frames.append(plain, 0, plain.length);
        ByteBuf out = Unpooled.buffer();
        try {
            frames.sealInto(out);
            byte[] bytes = new byte[out.readableBytes()];
            out.readBytes(bytes);
            return bytes;
        } finally {
            out.release();
        }
    }
}
