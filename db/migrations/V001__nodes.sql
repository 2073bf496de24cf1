-- Who has ever proved its key in a session. A row is never removed: "no such node" must differ from "away for a while".
CREATE TABLE nodes (
    public_key bytea PRIMARY KEY CHECK (octet_length(public_key) = 33),
    software   text        NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL
);
