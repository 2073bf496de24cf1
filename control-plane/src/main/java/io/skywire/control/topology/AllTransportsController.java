package io.skywire.control.topology;

import io.skywire.control.discovery.TransportUp;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.io.JsonStringEncoder;

/// `GET /all-transports` of stock transport discovery: every public transport that is up, from the snapshot.
///
/// One transport at a time is written, so a reader costs one buffer however long the list is. The ETag follows from
/// the ids and revisions, so it is the same on all replicas and after a restart.
@RestController
final class AllTransportsController {
    private static final int BUFFER = 32 * 1024;

    private final TopologySource topologies;

    AllTransportsController(TopologySource topologies) {
        this.topologies = topologies;
    }

    @GetMapping("/all-transports")
    void all(
            @RequestParam(name = "selfTransports", defaultValue = "") String selfTransports,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Topology topology = topologies.settled();
        List<TransportUp> listed = new ArrayList<>(topology.transports());
        if (selfTransports.equals("hide")) {
            listed.removeIf(transport -> transport.lower().equals(transport.higher()));
        }
        String tag = tag(listed);
        response.setHeader("ETag", tag);
        response.setHeader("Cache-Control", "no-cache");
        String known = request.getHeader("If-None-Match");
        if (known != null && known.length() < 4096 && (known.equals("*") || known.contains(tag))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setContentType("application/json");
        try (OutputStream out = new BufferedOutputStream(response.getOutputStream(), BUFFER)) {
            write(listed, out);
        }
    }

    /// Order does not matter, so that replicas agree.
    private static String tag(List<TransportUp> listed) {
        long sum = 0;
        long mix = 0;
        for (TransportUp transport : listed) {
            long high = transport.id().uuid().getMostSignificantBits();
            long low = transport.id().uuid().getLeastSignificantBits();
            long one = scramble(high ^ scramble(low ^ scramble(transport.revision())));
            sum += one;
            mix ^= Long.rotateLeft(one, 23) * 0x9e3779b97f4a7c15L;
        }
        return String.format("\"%x-%016x%016x\"", listed.size(), sum, mix);
    }

    /// The finaliser of MurmurHash3: every bit of the input moves every bit of the output.
    private static long scramble(long value) {
        long z = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }

    /// `null` for no transport at all, as the stock server says it.
    private static void write(List<TransportUp> listed, OutputStream out) throws IOException {
        if (listed.isEmpty()) {
            out.write("null\n".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        StringBuilder line = new StringBuilder(320);
        char before = '[';
        for (TransportUp transport : listed) {
            line.setLength(0);
            line.append(before)
                    .append("{\"t_id\":\"")
                    .append(transport.id())
                    .append("\",\"edges\":[\"")
                    .append(transport.lower().hex())
                    .append("\",\"")
                    .append(transport.higher().hex())
                    .append("\"],\"type\":\"")
                    .append(transport.type())
                    .append("\",\"label\":\"")
                    .append(JsonStringEncoder.getInstance().quoteAsCharArray(transport.label()))
                    .append("\"}");
            out.write(line.toString().getBytes(StandardCharsets.UTF_8));
            before = ',';
        }
        out.write("]\n".getBytes(StandardCharsets.US_ASCII));
    }
}
