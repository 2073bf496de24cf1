package io.skywire.node.control;

import io.skywire.shared.key.PublicKey;

/// How one session reaches a control plane. In text: for people.
sealed interface Way {
    /// Whose name and certificate are expected at the end of the way.
    ControlSettings.Endpoint endpoint();

    record Direct(ControlSettings.Endpoint endpoint) implements Way {
        @Override
        public String toString() {
            return endpoint.toString();
        }
    }

    record Through(PublicKey gateway, ControlSettings.Endpoint endpoint) implements Way {
        @Override
        public String toString() {
            return "gateway " + gateway.hex();
        }
    }
}
