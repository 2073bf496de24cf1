package io.skywire.node.transport;

import io.skywire.node.messaging.Mailbox;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.HandshakeException;
import io.skywire.shared.noise.LinkHandshake;
import io.skywire.shared.noise.LinkSession;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The handshakes of links through messaging servers that are under way. On the mailbox's loop only.
///
/// A letter may be lost, so the dialling side repeats act one until act two comes; act one that comes again is answered
/// with the same act two, at no cost. What does not authenticate is counted and changes nothing: anybody on the way can
/// make such letters up. What others begin is bounded, in all and through one server, so that no server keeps the
/// neighbours of others out.
final class MessagingHandshakes {
    private final Post post;
    private final Made made;
    private final Map<LinkName, Dialling> dialling = new HashMap<>();
    private final Map<LinkName, Accepting> accepting = new HashMap<>();

    /// Takes over when a handshake is done.
    @FunctionalInterface
    interface Made {
        /// `actThree` is the letter that the neighbour still waits for, on the dialling side.
        void made(
                LinkName name,
                LinkSession session,
                TransportSnapshot.Opener opener,
                PublicKey via,
                byte @Nullable [] actThree,
                Attempt attempt);
    }

    private record Dialling(LinkHandshake handshake, byte[] actOne, PublicKey via, Attempt attempt) {}

    private record Accepting(LinkHandshake handshake, byte[] actOne, byte[] actTwo, PublicKey via) {}

    MessagingHandshakes(Post post, Made made) {
        this.post = post;
        this.made = made;
    }

    // --- this side dials

    void dial(PublicKey peer, Attempt attempt) {
        post.reach(peer, answer -> {
            switch (answer) {
                case Mailbox.Reach.Via found -> dial(peer, found.server(), attempt);
                case Mailbox.Reach.Nowhere nowhere -> attempt.failed(LinkFailure.UNREACHABLE, nowhere.text());
            }
        });
    }

    private void dial(PublicKey peer, PublicKey via, Attempt attempt) {
        int maxPayload = post.maxPayload(via);
        if (maxPayload < LinkHandshake.LEAST_MAX_PAYLOAD) {
            attempt.failed(LinkFailure.UNREACHABLE, tooNarrow(via, maxPayload));
            return;
        }
        LinkName name = new LinkName(peer, post.random().nextLong());
        LinkHandshake handshake = LinkHandshake.dialling(
                LinkHandshake.Purpose.MESSAGING_LINK,
                post.self(),
                peer,
                post.settings().offer(),
                maxPayload,
                this::ephemeral);
        byte[] actOne = Envelope.of(Envelope.Kind.ACT_ONE, name.id(), handshake.start());
        Dialling begun = new Dialling(handshake, actOne, via, attempt);
        dialling.put(name, begun);
        repeat(name, begun, 0);
        post.later(
                post.settings().handshakeDeadline(),
                () -> give(
                        name,
                        begun,
                        LinkFailure.HANDSHAKE_TIMEOUT,
                        "no handshake within "
                                + post.settings().handshakeDeadline().toMillis() + " ms"));
    }

    private static String tooNarrow(PublicKey via, int maxPayload) {
        return "messaging server " + via.shortHex() + " carries packets of " + Math.max(0, maxPayload)
                + " bytes, less than " + LinkHandshake.LEAST_MAX_PAYLOAD;
    }

    private void repeat(LinkName name, Dialling begun, int repetition) {
        if (dialling.get(name) == begun) {
            post.send(name.peer(), begun.via(), begun.actOne());
            post.later(post.delay(repetition), () -> repeat(name, begun, repetition + 1));
        }
    }

    private void give(LinkName name, Dialling begun, LinkFailure kind, String detail) {
        if (dialling.remove(name, begun)) {
            begun.attempt().failed(kind, detail);
        }
    }

    private void actTwo(LinkName name, byte[] message) {
        Dialling begun = dialling.get(name);
        if (begun == null) {
            post.count(LetterDrop.HANDSHAKE); // most likely the answer to a repeated act one
            return;
        }
        try {
            switch (begun.handshake().receive(message)) {
                case LinkHandshake.Step.Done done -> {
                    dialling.remove(name);
                    byte[] actThree = Envelope.of(
                            Envelope.Kind.ACT_THREE,
                            name.id(),
                            done.lastMessage().orElseThrow());
                    made.made(
                            name, done.session(), TransportSnapshot.Opener.US, begun.via(), actThree, begun.attempt());
                }
                case LinkHandshake.Step.Reply unasked -> throw new IllegalStateException("act two is not answered");
            }
        } catch (HandshakeException refused) {
            post.count(LetterDrop.HANDSHAKE);
            if (begun.handshake().isDead()) {
                give(name, begun, LinkFailure.HANDSHAKE_REFUSED, String.valueOf(refused.getMessage()));
            }
        }
    }

    /// The server says that it cannot hand letters to `peer`.
    void returned(PublicKey peer, PublicKey via) {
        for (Map.Entry<LinkName, Dialling> one : List.copyOf(dialling.entrySet())) {
            if (one.getKey().peer().equals(peer) && one.getValue().via().equals(via)) {
                give(
                        one.getKey(),
                        one.getValue(),
                        LinkFailure.UNREACHABLE,
                        peer.shortHex() + " is not at messaging server " + via.shortHex());
            }
        }
    }

    // --- the neighbour dials

    private void actOne(LinkName name, PublicKey via, byte[] message) {
        Accepting known = accepting.get(name);
        if (known != null) {
            if (Arrays.equals(known.actOne(), message)) {
                post.send(name.peer(), via, known.actTwo());
            } else {
                post.count(LetterDrop.HANDSHAKE);
            }
            return;
        }
        int maxPayload = post.maxPayload(via);
        long throughServer = accepting.values().stream()
                .filter(pending -> pending.via().equals(via))
                .count();
        if (accepting.size() >= post.settings().maxPending()
                || throughServer >= post.settings().maxPendingPerServer()) {
            post.count(LetterDrop.TOO_MANY_HANDSHAKES);
            return;
        }
        if (maxPayload < LinkHandshake.LEAST_MAX_PAYLOAD
                || name.peer().equals(post.self().publicKey())) {
            post.count(LetterDrop.HANDSHAKE);
            return;
        }
        LinkHandshake handshake = LinkHandshake.accepting(
                LinkHandshake.Purpose.MESSAGING_LINK,
                post.self(),
                post.settings().offer(),
                maxPayload,
                this::ephemeral);
        step(handshake, message).ifPresent(step -> {
            if (step instanceof LinkHandshake.Step.Reply reply) {
                byte[] actTwo = Envelope.of(Envelope.Kind.ACT_TWO, name.id(), reply.message());
                Accepting begun = new Accepting(handshake, message, actTwo, via);
                accepting.put(name, begun);
                post.send(name.peer(), via, actTwo);
                post.later(post.settings().handshakeDeadline(), () -> accepting.remove(name, begun));
            }
        });
    }

    private void actThree(LinkName name, PublicKey via, byte[] message) {
        Accepting begun = accepting.get(name);
        if (begun == null) {
            post.count(LetterDrop.HANDSHAKE);
            return;
        }
        step(begun.handshake(), message).ifPresent(step -> {
            accepting.remove(name);
            if (step instanceof LinkHandshake.Step.Done done) {
                if (done.session().remote().equals(name.peer())) {
                    made.made(name, done.session(), TransportSnapshot.Opener.NEIGHBOUR, via, null, failureOnly());
                } else {
                    post.count(LetterDrop.HANDSHAKE); // the server takes one for another
                }
            }
        });
        if (begun.handshake().isDead()) {
            accepting.remove(name, begun);
        }
    }

    /// Empty, and counted, if the message is refused.
    private Optional<LinkHandshake.Step> step(LinkHandshake handshake, byte[] message) {
        try {
            return Optional.of(handshake.receive(message));
        } catch (HandshakeException refused) {
            post.count(LetterDrop.HANDSHAKE);
            return Optional.empty();
        }
    }

    private Attempt failureOnly() {
        return new Attempt() {
            @Override
            public void settled() {
                // Whoever is linked hears of it from the owner.
            }

            @Override
            public void failed(LinkFailure kind, String detail) {
                post.owner().failed(kind, detail);
            }
        };
    }

    // --- both

    /// A message of the handshake of that link, through that server.
    void receive(Envelope.Kind act, LinkName name, PublicKey via, byte[] message) {
        switch (act) {
            case ACT_ONE -> actOne(name, via, message);
            case ACT_TWO -> actTwo(name, message);
            case ACT_THREE -> actThree(name, via, message);
            case FRAME, NO_SUCH_LINK -> throw new IllegalArgumentException(act + " is no act");
        }
    }

    private KeyPair ephemeral() {
        return KeyPair.generate(post.random());
    }

    /// The node is ending.
    void cancel() {
        accepting.clear();
        List.copyOf(dialling.entrySet())
                .forEach(one -> give(one.getKey(), one.getValue(), LinkFailure.UNREACHABLE, "the node is ending"));
    }
}
