package io.skywire.control.discovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/// The public transports that are up, with what their edges measure, from memory.
@RestController
@RequestMapping("/api/v1/transports")
final class TransportsController {
    private static final int MOST = 500;

    private final TransportListing listing;

    TransportsController(TransportListing listing) {
        this.listing = listing;
    }

    /// Those that end at a node, in the order of their ids.
    @GetMapping
    List<TransportJson> ofEdge(@RequestParam String edge, @RequestParam(defaultValue = "100") int limit) {
        PublicKey key;
        try {
            key = PublicKey.parse(edge);
        } catch (InvalidKeyException invalid) {
            throw badRequest("edge must be a public key, 66 hex digits or 53 base32 letters");
        }
        return listing.list(key).stream()
                .sorted(Comparator.comparing(TransportUp::id))
                .limit(Math.clamp(limit, 1, MOST))
                .map(TransportJson::of)
                .toList();
    }

    @GetMapping("/{id}")
    TransportJson one(@PathVariable("id") String text) {
        TransportId id;
        try {
            id = TransportId.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw badRequest("the id must be a UUID, not '" + text + "'");
        }
        return listing.find(id)
                .map(TransportJson::of)
                .orElseThrow(() -> new ResponseStatusException(
                        HttpStatus.NOT_FOUND, "transport " + id + " is not up, or not public"));
    }

    private static ResponseStatusException badRequest(String detail) {
        return new ResponseStatusException(HttpStatus.BAD_REQUEST, detail);
    }

    /// What is not known is left out.
    ///
    /// @param loss the share of packets that get lost, 0 to 1
    /// @param load the share of the time in which the link took no more, 0 to 1
    /// @param throughput in bytes per second, of the edge that sends more
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TransportJson(
            String id,
            List<String> edges,
            String type,
            String label,
            int maxPayload,
            @Nullable Long roundTripMicros,
            double loss,
            double load,
            long throughput,
            @Nullable Instant measuredAt,
            List<String> relays) {
        static TransportJson of(TransportUp up) {
            LinkMeasurement measured = up.measured();
            return new TransportJson(
                    up.id().toString(),
                    List.of(up.lower().hex(), up.higher().hex()),
                    up.type().name(),
                    up.label(),
                    up.maxPayload(),
                    measured.roundTrip().isPresent() ? measured.roundTripMicros() : null,
                    measured.loss() / (double) LinkMeasurement.WHOLE,
                    measured.load() / (double) LinkMeasurement.WHOLE,
                    measured.throughput(),
                    up.measuredAt().orElse(null),
                    up.relays().stream().map(PublicKey::hex).toList());
        }
    }
}
