package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.node.transport.Transport;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportProtos;
import io.skywire.shared.transport.ViewDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// This node's view of its links, and what of it the control plane has not heard yet. Not thread-safe.
///
/// A round trip is news only when it differs by a quarter from what was told, so that steady links are silent.
final class LinkReports {
    private final Map<TransportId, View> views = new LinkedHashMap<>();
    private final Map<TransportId, View> news = new LinkedHashMap<>();
    private boolean told;

    private record View(Transport transport, LinkState state, long roundTripMicros) {
        TransportView toProto() {
            return TransportView.newBuilder()
                    .setTransport(TransportProtos.toProto(transport.signed()))
                    .setState(state)
                    .setRttUs((int) micros())
                    .setMaxPayload(transport.maxPayload())
                    .build();
        }

        HeldTransport held() {
            return new HeldTransport(transport.id(), micros(), transport.maxPayload());
        }

        private long micros() {
            return Math.min(roundTripMicros, Integer.MAX_VALUE);
        }
    }

    void up(Transport transport) {
        View view = new View(transport, LinkState.LINK_STATE_UP, 0);
        views.put(transport.id(), view);
        news.put(transport.id(), view);
    }

    void down(Transport transport) {
        View held = views.get(transport.id());
        if (held == null || held.transport() == transport) {
            views.remove(transport.id());
            news.put(transport.id(), new View(transport, LinkState.LINK_STATE_DOWN, 0));
        }
    }

    void roundTrip(TransportId id, Duration roundTrip) {
        View held = views.get(id);
        long micros = Math.max(1, roundTrip.toNanos() / 1000);
        if (held != null && Math.abs(micros - held.roundTripMicros()) * 4 > Math.max(held.roundTripMicros(), 400)) {
            View view = new View(held.transport(), held.state(), micros);
            views.put(id, view);
            news.put(id, view);
        }
    }

    /// Whether a control plane has been told all there is before, and a digest is enough now.
    boolean isDigestEnough() {
        return told && views.size() <= ViewDigest.MAX_COUNT;
    }

    /// Begins a session in place of [#whole()]: what the views come to. Covers all that was not told yet.
    io.skywire.proto.v1.ViewDigest digest() {
        news.clear();
        ViewDigest digest =
                ViewDigest.of(views.values().stream().map(View::held).toList());
        return io.skywire.proto.v1.ViewDigest.newBuilder()
                .setCount(digest.count())
                .setBucketBits(digest.bits())
                .setBuckets(ByteString.copyFrom(digest.buckets()))
                .build();
    }

    /// All that is in the buckets in which the control plane holds something else.
    ///
    /// @throws IllegalArgumentException if there are no such buckets
    BucketReport buckets(ViewAnswer asked) {
        ViewDigest.requireBits(asked.getBucketBits());
        Set<Integer> buckets = new HashSet<>(asked.getBucketsList());
        BucketReport.Builder report =
                BucketReport.newBuilder().setBucketBits(asked.getBucketBits()).addAllBuckets(asked.getBucketsList());
        views.forEach((id, view) -> {
            if (buckets.contains(ViewDigest.bucketOf(id, asked.getBucketBits()))) {
                report.addViews(view.toProto());
            }
        });
        return report.build();
    }

    /// The first report of a session: all there is.
    TransportReport whole() {
        news.clear();
        told = true;
        TransportReport.Builder report = TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_WHOLE_VIEW);
        views.values().forEach(view -> report.addViews(view.toProto()));
        return report.build();
    }

    /// What changed since the last report, if anything did.
    Optional<TransportReport> changes() {
        if (news.isEmpty()) {
            return Optional.empty();
        }
        TransportReport.Builder report = TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_CHANGES);
        news.values().forEach(view -> report.addViews(view.toProto()));
        news.clear();
        return Optional.of(report.build());
    }
}
