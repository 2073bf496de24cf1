package io.skywire.node.app;

import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.util.Set;

/// A local port that is offered to the network.
///
/// @param port the number on the network, 1 to 65535; TCP and UDP have numbers of their own
/// @param target where connections or datagrams are led
public record Publication(int port, Protocol protocol, InetSocketAddress target, Audience audience) {
    /// What it speaks.
    public enum Protocol {
        TCP,
        UDP
    }

    /// For TCP.
    public Publication(int port, InetSocketAddress target, Audience audience) {
        this(port, Protocol.TCP, target, audience);
    }

    public Publication {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
        if (target.isUnresolved() || target.getPort() == 0) {
            throw new IllegalArgumentException(
                    "a published port needs a target of this machine such as 127.0.0.1:8080, not "
                            + target.getHostString() + ":" + target.getPort());
        }
    }

    /// Who may use it.
    public sealed interface Audience {
        boolean admits(PublicKey peer);

        record Everyone() implements Audience {
            @Override
            public boolean admits(PublicKey peer) {
                return true;
            }
        }

        record Only(Set<PublicKey> keys) implements Audience {
            public Only {
                keys = Set.copyOf(keys);
            }

            @Override
            public boolean admits(PublicKey peer) {
                return keys.contains(peer);
            }
        }
    }
}
