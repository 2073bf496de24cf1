package io.skywire.control.rules;

import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A [RuleKey] as the tables of the ledger have it.
record KeyColumns(
        @Nullable UUID ingress,
        @Nullable Long ingressId,
        @Nullable UUID forwardOf) {
    /// Whether a row is the node's rule with this key.
    static final String IS = """
            node = ? AND ingress IS NOT DISTINCT FROM ?::uuid AND ingress_id IS NOT DISTINCT FROM ?::bigint
            AND forward_of IS NOT DISTINCT FROM ?::uuid""";

    static KeyColumns of(RuleKey key) {
        return switch (key) {
            case RuleKey.Ingress ingress ->
                new KeyColumns(ingress.transport().uuid(), ingress.routeId().value(), null);
            case RuleKey.ForwardOf forward ->
                new KeyColumns(null, null, forward.route().uuid());
        };
    }

    /// From three columns in a row.
    static RuleKey read(ResultSet row, int first) throws SQLException {
        UUID ingress = row.getObject(first, UUID.class);
        return ingress == null
                ? new RuleKey.ForwardOf(new RouteUid(row.getObject(first + 2, UUID.class)))
                : new RuleKey.Ingress(new TransportId(ingress), new RouteId((int) row.getLong(first + 1)));
    }

    /// The parameters of [#IS], and those that follow it.
    @Nullable
    Object[] after(byte[] node, Object... more) {
        @Nullable Object[] all = new @Nullable Object[4 + more.length];
        all[0] = node;
        all[1] = ingress;
        all[2] = ingressId;
        all[3] = forwardOf;
        System.arraycopy(more, 0, all, 4, more.length);
        return all;
    }
}
