package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.ReportOutcome.Reason;
import io.skywire.control.discovery.ReportOutcome.Refusal;
import io.skywire.control.platform.Tally;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Parts the good claims of a report from the rest: cheap checks first, signatures last and only where the very same
/// entry is not stored already.
final class ClaimCheck {
    /// Nobody's packet is longer: its length field has 16 bits.
    private static final int MAX_PAYLOAD = 65_535;

    private static final Duration MAX_ROUND_TRIP = Duration.ofHours(1);

    private final Tally<ReportOutcome.Reason> refused;
    private final SignatureChecks signatures;

    ClaimCheck(MeterRegistry meters, SignatureChecks signatures) {
        this.refused = new Tally<>(
                meters,
                "skywire.discovery.claims.refused",
                "Claims in agents' reports that were not taken",
                "reason",
                ReportOutcome.Reason.class);
        this.signatures = signatures;
    }

    /// @param accepted the good claims in the order of their ids, which is the order in which rows are locked
    record Checked(TreeMap<TransportId, TransportClaim> accepted, List<Refusal> refusals) {}

    /// @param stored gives the proven entries that are known already, of the ids asked for
    Checked check(
            PublicKey edge,
            List<TransportClaim> claims,
            Function<Set<TransportId>, Map<TransportId, SignedTransport>> stored) {
        List<Refusal> refusals = new ArrayList<>();
        Map<TransportId, TransportClaim> plausible = new LinkedHashMap<>();
        for (TransportClaim claim : claims.subList(0, Math.min(claims.size(), TransportRegistry.MAX_CLAIMS))) {
            Optional<Refusal> implausible = implausible(edge, claim);
            if (implausible.isPresent()) {
                refusals.add(implausible.get());
            } else {
                plausible.put(claim.transport().id(), claim);
            }
        }
        for (TransportClaim claim :
                claims.subList(Math.min(claims.size(), TransportRegistry.MAX_CLAIMS), claims.size())) {
            refusals.add(refusal(
                    claim, Reason.TOO_MANY, "a report holds at most " + TransportRegistry.MAX_CLAIMS + " transports"));
        }
        TreeMap<TransportId, TransportClaim> accepted = new TreeMap<>();
        Map<TransportId, SignedTransport> known = stored.apply(plausible.keySet());
        Set<SignedTransport> unproven = signatures.unproven(plausible.values().stream()
                .map(TransportClaim::transport)
                .filter(signed -> !signed.equals(known.get(signed.id())))
                .toList());
        plausible.forEach((id, claim) -> {
            if (unproven.contains(claim.transport())) {
                refusals.add(refusal(claim, Reason.UNPROVEN, "a signature is not that of the edge"));
            } else {
                accepted.put(id, claim);
            }
        });
        refusals.forEach(refusal -> refused.add(refusal.reason()));
        return new Checked(accepted, refusals);
    }

    /// Why the claim cannot be, as far as that is seen without asking anybody.
    static Optional<Refusal> implausible(PublicKey edge, TransportClaim claim) {
        if (!claim.transport().entry().hasEdge(edge)) {
            return Optional.of(refusal(claim, Reason.NOT_AN_EDGE, "the reporter is no edge of this transport"));
        }
        LinkMeasurement measured = claim.measured();
        String wrong = "";
        if (claim.maxPayload() < 1 || claim.maxPayload() > MAX_PAYLOAD) {
            wrong = "max payload must be 1 to " + MAX_PAYLOAD + ", not " + claim.maxPayload();
        } else if (measured.roundTrip().filter(ClaimCheck::isImpossible).isPresent()) {
            wrong = "the round trip must be above 0 and at most an hour";
        } else if (measured.loss() < 0 || measured.loss() > LinkMeasurement.WHOLE) {
            wrong = "loss is a share in millionths, 0 to 1000000, not " + Integer.toUnsignedString(measured.loss());
        } else if (measured.load() < 0 || measured.load() > LinkMeasurement.WHOLE) {
            wrong = "load is a share in millionths, 0 to 1000000, not " + Integer.toUnsignedString(measured.load());
        } else if (measured.throughput() < 0 || measured.throughput() > LinkMeasurement.MAX_THROUGHPUT) {
            wrong = "the throughput must be 0 to " + LinkMeasurement.MAX_THROUGHPUT + " bytes per second, not "
                    + Long.toUnsignedString(measured.throughput());
        } else if (!claim.relays().isEmpty()) {
            wrong = wrongOfRelays(claim);
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(refusal(claim, Reason.MALFORMED, wrong));
    }

    private static String wrongOfRelays(TransportClaim claim) {
        TransportEntry entry = claim.transport().entry();
        if (!entry.type().equals(TransportType.MESSAGING)) {
            return "only messaging transports have relays, not those of type " + entry.type();
        }
        if (claim.relays().size() > HeldTransport.MAX_RELAYS) {
            return "a view names at most " + HeldTransport.MAX_RELAYS + " relays, not "
                    + claim.relays().size();
        }
        if (claim.relays().stream().anyMatch(entry::hasEdge)) {
            return "an edge of the transport is not its relay";
        }
        return Set.copyOf(claim.relays()).size() < claim.relays().size() ? "a relay is named twice" : "";
    }

    private static boolean isImpossible(Duration roundTrip) {
        return !roundTrip.isPositive() || roundTrip.compareTo(MAX_ROUND_TRIP) > 0;
    }

    private static Refusal refusal(TransportClaim claim, Reason reason, String detail) {
        return new Refusal(claim.transport().id(), reason, detail);
    }
}
