/// Hosts of their own on one machine: network namespaces with cables, routers and NAT between them, for the product's
/// processes and for others beside them.
///
/// Start here: [Namespaces] makes the hosts, [LongCable] is a cable with delay and loss, [WayOut] leads from a host
/// to a port of this machine.
@NullMarked
package io.skywire.local.hosts;

import org.jspecify.annotations.NullMarked;
