package io.skywire.shared.node;

import java.util.LinkedHashSet;
import java.util.List;

/// What a node says of itself for the node directory. Its own word: nobody has dialled the addresses.
///
/// @param addresses where its TCP transports listen, at most [#MOST_ADDRESSES], each once; none unless it is public
public record NodeFacts(Visibility visibility, List<NodeAddress> addresses) {
    public static final int MOST_ADDRESSES = 8;

    /// What a node says that does not want to be found.
    public static final NodeFacts HIDDEN = new NodeFacts(Visibility.HIDDEN, List.of());

    /// Whether others may read where the node is.
    public enum Visibility {
        PUBLIC,
        HIDDEN
    }

    /// @throws IllegalArgumentException if there are too many addresses, or a hidden node tells one
    public NodeFacts {
        addresses = List.copyOf(new LinkedHashSet<>(addresses));
        if (addresses.size() > MOST_ADDRESSES) {
            throw new IllegalArgumentException(
                    "a node tells at most " + MOST_ADDRESSES + " addresses, not " + addresses.size());
        }
        if (visibility == Visibility.HIDDEN && !addresses.isEmpty()) {
            throw new IllegalArgumentException("a node that is not public tells no address");
        }
    }

    public static NodeFacts publicAt(List<NodeAddress> addresses) {
        return new NodeFacts(Visibility.PUBLIC, addresses);
    }
}
