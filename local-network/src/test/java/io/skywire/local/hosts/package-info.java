/// Hosts of their own: network namespaces with cables, routers and NAT between them, and the product's processes in
/// them.
///
/// Start here: [TwoSites] is two homes behind NAT and an internet between them, [Namespaces] makes the hosts.
@NullMarked
package io.skywire.local.hosts;

import org.jspecify.annotations.NullMarked;
