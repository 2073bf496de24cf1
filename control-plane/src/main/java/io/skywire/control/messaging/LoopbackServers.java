package io.skywire.control.messaging;

/// Whether messaging servers may announce loopback addresses. Only a network on one machine allows them.
enum LoopbackServers {
    REFUSED,
    ALLOWED
}
