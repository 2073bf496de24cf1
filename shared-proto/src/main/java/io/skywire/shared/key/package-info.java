/// Identity: secp256k1 keys and recoverable signatures, as Skywire defines them.
///
/// Start here: [KeyPair] signs and agrees, [PublicKey] verifies and names a node. The curve itself is Bouncy Castle's
/// and stays inside this package. Source: reference "Skywire control plane" section 1; vectors in the tests.
@NullMarked
package io.skywire.shared.key;

import org.jspecify.annotations.NullMarked;
