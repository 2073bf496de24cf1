/// How much anybody may ask for: token buckets per signing key and per source network, in front of all rooms.
///
/// Start here: [NetworkLimitFilter], [KeyLimitFilter] for HTTP; [SessionLimitInterceptor] and the face
/// [SessionLimits] and [DialBackLimits] for agents' sessions; [StaffFilter] for what is not for everybody;
/// [SourceNetwork] is a range of addresses. Settings: [LimitSettings]; what callers see: docs/limits.md.
/// Allowed arrows: identity, platform.
@ApplicationModule(allowedDependencies = {"identity", "platform"})
@NullMarked
package io.skywire.control.limits;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
