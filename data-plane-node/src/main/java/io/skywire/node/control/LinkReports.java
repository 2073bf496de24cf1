package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.node.control.ReportGate.Told;
import io.skywire.node.transport.Transport;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportProtos;
import io.skywire.shared.transport.ViewDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// This node's view of its links, and what of it the control plane has not heard yet. Not thread-safe.
///
/// What comes and goes is told at once; measurements when the [ReportGate] says so, few at a time.
final class LinkReports {
    /// The most links whose measurements one report tells; those that were told longest ago go first.
    static final int MOST_MEASURED = 256;

    private final ReportGate gate;
    private final Map<TransportId, View> views = new LinkedHashMap<>();
    private final Map<TransportId, View> news = new LinkedHashMap<>();
    private boolean told;

    LinkReports(ReportGate gate) {
        this.gate = gate;
    }

    /// A link that is up: what was told of it, and what is measured now.
    private static final class View {
        private final Transport transport;
        private Told told;
        private LinkMeasurement now = LinkMeasurement.NONE;

        View(Transport transport, Told told) {
            this.transport = transport;
            this.told = told;
        }

        List<PublicKey> relays() {
            return relaysOf(transport);
        }

        HeldTransport held() {
            return new HeldTransport(transport.id(), told.measured(), transport.maxPayload(), told.relays());
        }

        TransportView toProto(LinkState state) {
            return TransportProtos.toProto(transport.signed(), state, held());
        }
    }

    private static List<PublicKey> relaysOf(Transport transport) {
        List<PublicKey> relays = transport.relays();
        return relays.size() < 2 ? relays : relays.stream().sorted().toList();
    }

    void up(Transport transport, Instant now) {
        View view = new View(transport, gate.tell(LinkMeasurement.NONE, relaysOf(transport), now));
        views.put(transport.id(), view);
        news.put(transport.id(), view);
    }

    void down(Transport transport, Instant now) {
        View held = views.get(transport.id());
        if (held == null || held.transport == transport) {
            views.remove(transport.id());
            news.put(transport.id(), new View(transport, gate.tell(LinkMeasurement.NONE, List.of(), now)));
        }
    }

    void measured(TransportId id, LinkMeasurement measured) {
        View held = views.get(id);
        if (held != null) {
            held.now = measured;
        }
    }

    /// Whether a control plane has been told all there is before, and a digest is enough now.
    boolean isDigestEnough() {
        return told && views.size() <= ViewDigest.MAX_COUNT;
    }

    /// Begins a session in place of [#whole()]: what the views come to, as they were told. Covers links that came and
    /// went since.
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
                report.addViews(view.toProto(LinkState.LINK_STATE_UP));
            }
        });
        return report.build();
    }

    /// The first report of a session: all there is.
    TransportReport whole(Instant now) {
        news.clear();
        told = true;
        TransportReport.Builder report = TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_WHOLE_VIEW);
        views.values().forEach(view -> {
            view.told = gate.tell(view.now, view.relays(), now);
            report.addViews(view.toProto(LinkState.LINK_STATE_UP));
        });
        return report.build();
    }

    /// The links that came and went since the last report, if any did.
    Optional<TransportReport> changes() {
        if (news.isEmpty()) {
            return Optional.empty();
        }
        TransportReport.Builder report = TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_CHANGES);
        news.forEach((id, view) -> report.addViews(
                view.toProto(views.get(id) == view ? LinkState.LINK_STATE_UP : LinkState.LINK_STATE_DOWN)));
        news.clear();
        return Optional.of(report.build());
    }

    /// The measurements that are worth a report now, if any are.
    Optional<TransportReport> measurements(Instant now) {
        List<View> due = new ArrayList<>();
        for (View view : views.values()) {
            if (gate.isDue(view.told, view.now, view.relays(), now)) {
                due.add(view);
            }
        }
        if (due.isEmpty()) {
            return Optional.empty();
        }
        due.sort(Comparator.comparing(view -> view.told.at()));
        TransportReport.Builder report = TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_CHANGES);
        for (View view : due.subList(0, Math.min(MOST_MEASURED, due.size()))) {
            view.told = gate.tell(view.now, view.relays(), now);
            report.addViews(view.toProto(LinkState.LINK_STATE_UP));
        }
        return Optional.of(report.build());
    }
}
