/// A Skywire node: keeps transports, obeys signed rules, forwards packets, gives applications a way in and out.
///
/// Start here: [Node] builds every room in order and shows how they fit. A packet's way is
/// transport → router → transport or session; a rule's way is control → rules → router.
@NullMarked
package io.skywire.node;

import org.jspecify.annotations.NullMarked;
