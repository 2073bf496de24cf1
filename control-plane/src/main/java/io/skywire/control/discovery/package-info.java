/// Transport discovery: who is linked to whom, and does it work now. Keeps each edge's view and its lease.
///
/// Start here: [TransportRegistry]; what others hear: [TransportUp], [TransportDown]. The rules of registration, views
/// and leases are in docs/protocol/discovery.md. Allowed arrows: identity, platform.
@ApplicationModule(allowedDependencies = {"identity", "platform"})
@NullMarked
package io.skywire.control.discovery;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
