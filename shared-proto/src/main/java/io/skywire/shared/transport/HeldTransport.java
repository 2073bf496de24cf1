package io.skywire.shared.transport;

/// A transport that an edge says is up, and what the edge says of it. Both edges have signed its entry: without both
/// signatures nobody holds it.
///
/// @param roundTripMicros 0 while unknown
/// @param maxPayload in bytes
public record HeldTransport(TransportId id, long roundTripMicros, int maxPayload) {}
