/// What an operator writes down for a node: one YAML file and one key file, read once and checked whole.
///
/// Start here: [ConfigFile] reads a file and tells every problem in it by line and key, [NodeConfig] is the outcome,
/// [KeyFile] keeps the node's secret. Depends on keys only; every room may read its part of [NodeConfig].
@NullMarked
package io.skywire.node.config;

import org.jspecify.annotations.NullMarked;
