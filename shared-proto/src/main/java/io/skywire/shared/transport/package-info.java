/// Transports: who is linked to whom, in the form that both edges sign.
///
/// Start here: [TransportEntry] is what is signed, [SignedTransport] is the proof that both edges agree.
/// Source: reference "Skywire control plane" section 3.1; vectors in the tests.
@NullMarked
package io.skywire.shared.transport;

import org.jspecify.annotations.NullMarked;
