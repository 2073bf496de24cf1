/// How both sides of an agent session prove their keys: the exact bytes that are signed.
///
/// Start here: [SessionProof].
@NullMarked
package io.skywire.shared.auth;

import org.jspecify.annotations.NullMarked;
