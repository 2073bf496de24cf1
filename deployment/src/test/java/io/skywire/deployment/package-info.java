/// What Kubernetes gets from the Helm chart in `helm/skywire`, looked at without a cluster: Helm renders it in this
/// process, every manifest is held against Kubernetes' API description, and the programs run with the environment that
/// the manifests give them.
///
/// Start here: [Chart], [KubernetesApi], then [SafetyTest].
@NullMarked
package io.skywire.deployment;

import org.jspecify.annotations.NullMarked;
