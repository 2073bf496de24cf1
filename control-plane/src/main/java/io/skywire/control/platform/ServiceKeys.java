package io.skywire.control.platform;

import io.skywire.shared.key.KeyPair;

/// The two keys that this control plane proves itself with. Safe for any thread; never printed.
public interface ServiceKeys {
    /// Signs the agents' nonces: a proxy in between cannot stand in for the control plane.
    KeyPair service();

    /// Signs rule deltas: nodes obey it only if it is in their whitelist.
    KeyPair setup();
}
