/// Makes the package of the agent smaller while it is built; not part of it.
///
/// Start here: [PlainJars].
@NullMarked
package io.skywire.pack;

import org.jspecify.annotations.NullMarked;
