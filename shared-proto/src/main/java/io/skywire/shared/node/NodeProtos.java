package io.skywire.shared.node;

import io.skywire.shared.node.NodeFacts.Visibility;

/// Between [NodeFacts] and its protobuf message. The only place that knows both.
public final class NodeProtos {
    private NodeProtos() {}

    public static io.skywire.proto.v1.NodeFacts toProto(NodeFacts facts) {
        io.skywire.proto.v1.NodeFacts.Builder proto =
                io.skywire.proto.v1.NodeFacts.newBuilder().setPublic(facts.visibility() == Visibility.PUBLIC);
        facts.addresses().forEach(address -> proto.addAddresses(address.toString()));
        return proto.build();
    }

    /// Addresses of a node that is not public are dropped.
    ///
    /// @throws IllegalArgumentException if an address is malformed or there are too many
    public static NodeFacts fromProto(io.skywire.proto.v1.NodeFacts proto) {
        if (!proto.getPublic()) {
            return NodeFacts.HIDDEN;
        }
        if (proto.getAddressesCount() > NodeFacts.MOST_ADDRESSES) {
            throw new IllegalArgumentException("a node tells at most " + NodeFacts.MOST_ADDRESSES + " addresses, not "
                    + proto.getAddressesCount());
        }
        return NodeFacts.publicAt(
                proto.getAddressesList().stream().map(NodeAddress::parse).toList());
    }
}
