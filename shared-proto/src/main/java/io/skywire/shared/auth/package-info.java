/// How an agent session begins: the exact bytes by which both sides prove their keys, and how long an agent waits
/// before it dials again.
///
/// Start here: [SessionProof]; [BackOff].
@NullMarked
package io.skywire.shared.auth;

import org.jspecify.annotations.NullMarked;
