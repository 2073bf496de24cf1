package io.skywire.control.discovery;

import io.skywire.shared.transport.TransportId;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The parameters of one statement in their order. A collection becomes an array, one element for each row of its
/// `unnest`.
final class Columns {
    private final PreparedStatement statement;
    private int place = 1;

    Columns(PreparedStatement statement) {
        this.statement = statement;
    }

    Columns set(Object value) throws SQLException {
        statement.setObject(place++, value);
        return this;
    }

    <T> Columns uuids(Collection<T> rows, Function<T, TransportId> part) throws SQLException {
        return array("uuid", rows, row -> part.apply(row).uuid());
    }

    <T> Columns bytes(Collection<T> rows, Function<T, byte[]> part) throws SQLException {
        byte[][] parts = rows.stream().map(part).toArray(byte[][]::new);
        statement.setArray(place++, statement.getConnection().createArrayOf("bytea", parts));
        return this;
    }

    <T> Columns array(String type, Collection<T> rows, Function<T, ? extends @Nullable Object> part)
            throws SQLException {
        Object[] parts = rows.stream().map(part).toArray();
        statement.setArray(place++, statement.getConnection().createArrayOf(type, parts));
        return this;
    }
}
