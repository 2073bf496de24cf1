package io.skywire.control.discovery;

import io.skywire.control.discovery.DownTransport.Word;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// One statement over both indexes of edges.
@Component
final class StoredDownTransports implements DownTransports {
    private static final int WITHIN_SECONDS = 2;

    private final JdbcTemplate jdbc;

    StoredDownTransports(DataSource database) {
        jdbc = new JdbcTemplate(database);
        jdbc.setQueryTimeout(WITHIN_SECONDS);
    }

    @Override
    public List<DownTransport> at(Collection<PublicKey> edges, int limit) {
        return jdbc.query(
                """
                SELECT t.id, t.edge_lower, t.edge_higher, t.changed_at, lo.state AS lower_says, hi.state AS higher_says
                FROM transports t
                LEFT JOIN transport_views lo ON lo.transport_id = t.id AND lo.edge = t.edge_lower
                LEFT JOIN transport_views hi ON hi.transport_id = t.id AND hi.edge = t.edge_higher
                WHERE (t.edge_lower = ANY (?) OR t.edge_higher = ANY (?)) AND NOT t.up AND NOT t.private
                ORDER BY t.changed_at DESC, t.id LIMIT ?
                """,
                (PreparedStatement statement) -> new Columns(statement)
                        .bytes(edges, PublicKey::bytes)
                        .bytes(edges, PublicKey::bytes)
                        .set(limit),
                (row, number) -> down(row));
    }

    private static DownTransport down(ResultSet row) throws SQLException {
        return new DownTransport(
                new TransportId(row.getObject("id", UUID.class)),
                PublicKey.of(row.getBytes("edge_lower")),
                PublicKey.of(row.getBytes("edge_higher")),
                word(row.getString("lower_says")),
                word(row.getString("higher_says")),
                row.getTimestamp("changed_at").toInstant());
    }

    private static Word word(@Nullable String state) {
        return state == null ? Word.NOTHING : Word.valueOf(state);
    }
}
