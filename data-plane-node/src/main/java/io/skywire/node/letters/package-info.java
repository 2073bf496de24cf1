/// Letters: what a client and a messaging server say to each other inside sealed frames, and the way in and out of one
/// session's channel. Both ends use it; it knows neither of them.
///
/// Start here: [LetterLayout] is the picture, [LetterReader] the way in, [LetterEgress] the way out, [Workspace] what
/// all sessions of an event loop share so that an idle one costs next to nothing. Source:
/// `docs/protocol/messaging.md`. The allowed arrows are [io.skywire.node.wire] and [io.skywire.shared.noise].
@NullMarked
package io.skywire.node.letters;

import org.jspecify.annotations.NullMarked;
