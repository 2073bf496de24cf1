/// Whether nodes can be dialled: dials them back when they ask, within strict bounds, and remembers how it went.
///
/// Start here: [DialBacks] is the face that sessions ask; [AddressPolicy] decides what is dialled at all. The
/// contract and the bounds are in docs/protocol/reachability.md and docs/security.md.
/// Allowed arrows: directory, limits, platform.
@ApplicationModule(allowedDependencies = {"directory", "limits", "platform"})
@NullMarked
package io.skywire.control.reachability;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
