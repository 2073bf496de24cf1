package io.skywire.control.setup;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.skywire.shared.key.PublicKey;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Each setup as an OpenTelemetry trace, sent in batches by OTLP over HTTP. What does not fit into the queue of 2048
/// spans, or nobody takes within ten seconds, is dropped.
/// ```
/// route setup ─┬─ find
///              ├─ write
///              ├─ install ─┬─ hop      from the push of its delta to its acknowledgement, one for each node
///              │           └─ hop
///              ├─ probe
///              └─ activate             or take back, find, …: one span for each state that it goes through
/// ```
final class OtlpSetupTraces implements SetupTraces {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration END = Duration.ofSeconds(5);
    private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("skywire.request_id");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("skywire.route_id");
    private static final AttributeKey<String> NODE = AttributeKey.stringKey("skywire.node");
    private static final AttributeKey<String> REASON = AttributeKey.stringKey("skywire.reason");
    private static final AttributeKey<Long> HOP = AttributeKey.longKey("skywire.hop");
    private static final AttributeKey<Long> HOPS = AttributeKey.longKey("skywire.hops");
    private static final AttributeKey<Long> REVISION = AttributeKey.longKey("skywire.revision");
    private static final AttributeKey<Long> PLANS = AttributeKey.longKey("skywire.plans");

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    OtlpSetupTraces(URI endpoint, double fraction, Duration between) {
        provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().toBuilder()
                        .put("service.name", "skywire-control-plane")
                        .build())
                .setSampler(Sampler.traceIdRatioBased(fraction))
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                .setEndpoint(endpoint.toString())
                                .setTimeout(PATIENCE)
                                .build())
                        .setScheduleDelay(between)
                        .build())
                .build();
        tracer = provider.get("io.skywire.control.setup");
    }

    @Override
    public SetupWitness begin(RouteRequest request, Instant begun) {
        Span root = tracer.spanBuilder("route setup")
                .setParent(Context.root())
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(begun)
                .setAttribute(REQUEST, request.id().toString())
                .startSpan();
        return root.isRecording() ? new Traced(root, begun) : SetupWitness.NOBODY;
    }

    @Override
    public void close() {
        provider.shutdown().join(END.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// One setup's spans.
    private final class Traced implements SetupWitness {
        private final Span root;
        private final Map<PublicKey, Span> hops = new HashMap<>();
        private Span phase;

        Traced(Span root, Instant begun) {
            this.root = root;
            this.phase = child(root, "find", begun);
        }

        private Span child(Span parent, String name, Instant begun) {
            return tracer.spanBuilder(name)
                    .setParent(Context.root().with(parent))
                    .setStartTimestamp(begun)
                    .startSpan();
        }

        @Override
        public void step(RouteSetup before, SetupEvent event, RouteSetup after, Instant now) {
            if (event instanceof SetupEvent.Acknowledged ack
                    && before.state() instanceof SetupState.Installing installing
                    && ack.revision() >= installing.awaited().getOrDefault(ack.node(), Long.MAX_VALUE)) {
                Optional.ofNullable(hops.remove(ack.node())).ifPresent(hop -> hop.end(now));
            }
            if (before.state().name() == after.state().name()) {
                return;
            }
            endPhase(
                    after.state() instanceof SetupState.RollingBack || after.state() instanceof SetupState.Failed, now);
            phase = child(root, nameOf(after.state()), now);
            if (after.state() instanceof SetupState.Planned planned) {
                root.setAttribute(ROUTE, planned.plan().uid().toString());
            }
            if (event instanceof SetupEvent.Installed installed
                    && after.state() instanceof SetupState.Installing installing) {
                Placement placement = installing.plan().placement();
                installed
                        .revisions()
                        .forEach((node, revision) -> hops.put(
                                node,
                                child(phase, "hop", now)
                                        .setAttribute(NODE, node.shortHex())
                                        .setAttribute(HOP, placement.placeOf(node))
                                        .setAttribute(REVISION, revision)));
            }
            root.setAttribute(PLANS, after.tries().plans());
        }

        private static String nameOf(SetupState state) {
            return switch (state) {
                case SetupState.Requested requested -> "find";
                case SetupState.Planned planned -> "write";
                case SetupState.Installing installing -> "install";
                case SetupState.Probing probing -> "probe";
                case SetupState.Active active -> "activate";
                case SetupState.RollingBack rollingBack -> "take back";
                case SetupState.Failed failed -> "conclude";
            };
        }

        /// Hops that have not answered by then never did in this plan.
        private void endPhase(boolean failed, Instant now) {
            for (Span hop : hops.values()) {
                hop.setStatus(StatusCode.ERROR, "not acknowledged").end(now);
            }
            hops.clear();
            if (failed) {
                phase.setStatus(StatusCode.ERROR);
            }
            phase.end(now);
        }

        @Override
        public void over(SetupEffects.Ending ending, Instant now) {
            endPhase(false, now);
            switch (ending) {
                case SetupEffects.Elsewhere elsewhere -> root.setAttribute(REASON, "ELSEWHERE");
                case SetupEffects.Finished finished -> {
                    switch (finished.outcome()) {
                        case SetupOutcome.Established done -> root.setAttribute(HOPS, done.hops());
                        case SetupOutcome.Failed failed ->
                            root.setAttribute(REASON, failed.reason().name())
                                    .setStatus(StatusCode.ERROR, failed.detail());
                    }
                }
            }
            root.end(now);
        }
    }
}
