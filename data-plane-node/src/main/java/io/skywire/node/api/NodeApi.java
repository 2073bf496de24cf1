package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import java.util.List;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;

/// What a person may ask of a running node. Called on the API's own thread: must not block. Actions complete on any
/// thread, with a refusal where the answer is no; an exception is a bug and is told as `internal`.
public interface NodeApi {
    StatusView status();

    List<TransportView> transports();

    /// Routes that end here; relayed ones are rules only.
    List<RouteView> routes();

    List<RuleView> rules();

    List<SessionView> sessions();

    List<PublishedView> published();

    /// Opens a session, or finds the one that is open. Completes within the request's deadline.
    CompletionStage<Outcome<DialView>> dial(DialRequest request);

    /// Ends the session with `peer`; its routes are torn down.
    CompletionStage<Outcome<HangupView>> hangup(PublicKey peer);

    /// Offers a local service. Lasts until it is withdrawn or the node stops.
    CompletionStage<Outcome<PublishedView>> publish(PublishedView offer);

    CompletionStage<Outcome<PublishedView>> unpublish(int port, PublishedView.Protocol protocol);

    /// Opens a session if there is none, then measures round trips through it, end to end.
    CompletionStage<Outcome<TraceView>> trace(TraceRequest request);

    /// Asks the control plane why a route is what it is. The answer is the object of docs/protocol/explain.md as it
    /// came.
    CompletionStage<Outcome<JsonNode>> explain(ExplainRequest request);
}
