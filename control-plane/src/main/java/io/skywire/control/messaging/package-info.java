/// Messaging discovery: at which messaging servers a key can be reached, in the words of stock Skywire clients.
///
/// Start here: [MessagingServers] is the face for other rooms; [MessagingController], then [EntryDirectory] for what
/// happens and [EntryRules] for what is refused. The contract is in docs/protocol/messaging-discovery.md. Allowed
/// arrows: identity, platform.
@ApplicationModule(allowedDependencies = {"identity", "platform"})
@NullMarked
package io.skywire.control.messaging;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
