package io.skywire.node.transport;

import io.skywire.shared.key.PublicKey;

/// One link through messaging servers, or the attempt at one, among those of this node: the neighbour as its server
/// says it, and the id that the dialling node made up.
record LinkName(PublicKey peer, long id) {
    @Override
    public String toString() {
        return peer.shortHex() + "/" + Long.toHexString(id);
    }
}
