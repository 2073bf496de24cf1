/// Knows who is calling: nodes that proved their key in a session, and keys that sign HTTP requests.
///
/// Start here: [NodeDirectory]; for HTTP [SignedPaths] and [SignedCaller], and [RequestSigned] as a sign of life;
/// [NetworkMonitors] for who may deregister others' entries. What a signature is good for and what it is not:
/// docs/security.md. Allowed arrows: platform.
@ApplicationModule(allowedDependencies = {"platform"})
@NullMarked
package io.skywire.control.identity;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
