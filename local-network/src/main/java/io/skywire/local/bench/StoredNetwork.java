package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// A network as they grow, written straight into the tables of a control plane that does not run: who comes later links
/// to whom is already well linked. All its transports are up for a day. The same seed gives the same network.
final class StoredNetwork {
    private static final int BATCH = 2_000;
    private static final List<TransportType> TYPES = List.of(
            TransportType.TCP, new TransportType("stcpr"), new TransportType("sudph"), new TransportType("dmsg"));

    private final List<PublicKey> nodes;
    private final List<TransportEntry> transports;
    private final Signature signature;

    StoredNetwork(int nodeCount, int transportCount, long seed) {
        nodes = IntStream.range(0, nodeCount)
                .parallel()
                .mapToObj(i -> KeyPair.generate(new SplittableRandom(seed * 1_000_003 + i))
                        .publicKey())
                .toList();
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> ends = new ArrayList<>(2 * transportCount);
        ends.add(0);
        List<TransportEntry> made = new ArrayList<>(transportCount);
        for (int i = 0; i < transportCount; i++) {
            int newcomer = i < nodeCount - 1 ? i + 1 : 1 + random.nextInt(nodeCount - 1);
            int other = ends.get(random.nextInt(ends.size()));
            if (other == newcomer) {
                other = newcomer - 1;
            }
            // Of parallel ones each has a type of its own in the life of a network; here a few fall together and count
            // once.
            made.add(TransportEntry.between(nodes.get(newcomer), nodes.get(other), TYPES.get(random.nextInt(4))));
            ends.add(newcomer);
            ends.add(other);
        }
        transports = made.stream().distinct().toList();
        signature = KeyPair.generate(new SplittableRandom(seed)).sign(new byte[0]);
    }

    List<PublicKey> nodes() {
        return nodes;
    }

    int transports() {
        return transports.size();
    }

    /// @throws NetworkFailure if the database refuses it
    void writeTo(Connection connection) {
        try (PreparedStatement transport = connection.prepareStatement("""
                        INSERT INTO transports (id, edge_lower, edge_higher, type, lower_signature, higher_signature,
                                                registered_at, up, rtt_us, max_payload, changed_at)
                        VALUES (?, ?, ?, ?, ?, ?, now(), true, ?, 16384, now())""");
                PreparedStatement view = connection.prepareStatement("""
                        INSERT INTO transport_views (transport_id, edge, state, rtt_us, max_payload, reported_at, lease_until)
                        SELECT id, edge, 'UP', rtt_us, max_payload, now(), now() + interval '1 day'
                        FROM transports, LATERAL (VALUES (edge_lower), (edge_higher)) AS edges (edge)""")) {
            connection.setAutoCommit(false);
            SplittableRandom random = new SplittableRandom(transports.size());
            int waiting = 0;
            for (TransportEntry entry : transports) {
                transport.setObject(1, entry.id().uuid());
                transport.setBytes(2, entry.lower().bytes());
                transport.setBytes(3, entry.higher().bytes());
                transport.setString(4, entry.type().toString());
                transport.setBytes(5, signature.bytes());
                transport.setBytes(6, signature.bytes());
                transport.setLong(7, random.nextLong(2_000, 200_000));
                transport.addBatch();
                if (++waiting % BATCH == 0) {
                    transport.executeBatch();
                }
            }
            transport.executeBatch();
            view.executeUpdate();
            connection.commit();
        } catch (SQLException failure) {
            throw new NetworkFailure("the network cannot be stored: " + failure.getMessage());
        }
    }
}
