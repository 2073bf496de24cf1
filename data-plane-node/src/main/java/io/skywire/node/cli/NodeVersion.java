package io.skywire.node.cli;

import java.util.Optional;

/// The version of this software: the jar's `Implementation-Version`.
public final class NodeVersion {
    private NodeVersion() {}

    /// `development` where the classes are in no jar that says it.
    public static String current() {
        return Optional.ofNullable(NodeVersion.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
