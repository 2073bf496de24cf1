package io.skywire.node.transport;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

class TcpContractTest extends TransportContract {
    @Override
    TransportType type() {
        return TransportType.TCP;
    }

    @Override
    End open(KeyPair keys) throws IOException {
        TestNode node = new TestNode(TestNode.SETTINGS, keys);
        return new TcpEnd(node, node.listen());
    }

    private record TcpEnd(TestNode node, InetSocketAddress address) implements End {
        @Override
        public KeyPair keys() {
            return node.keys;
        }

        @Override
        public Heard heard() {
            return node.heard;
        }

        @Override
        public List<Transport> live() {
            return node.transports.live();
        }

        @Override
        public List<DialState> dials() {
            return node.transports.dials();
        }

        @Override
        public void keep(End other) {
            node.keep(other.keys().publicKey(), ((TcpEnd) other).address);
        }

        @Override
        public void close() {
            node.close();
        }
    }
}
