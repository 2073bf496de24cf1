-- At which messaging servers a key can be reached. See docs/protocol/messaging-discovery.md.
--
-- One row per key, for ever either live or a tombstone: a tombstone keeps the last sequence and timestamp, so that old
-- signed documents, which are public, cannot be posted again. What a listing needs stands in columns of the same row as
-- the document: an entry that loses its server part leaves the servers in the same statement.
CREATE TABLE messaging_entries (
    public_key         bytea PRIMARY KEY CHECK (octet_length(public_key) = 33),
    sequence           numeric(20, 0) NOT NULL CHECK (sequence BETWEEN 0 AND 18446744073709551615),
    timestamp_ns       bigint         NOT NULL,
    live               boolean        NOT NULL,
    -- As it is served, compact, in canonical order. Empty in a tombstone.
    document           text           NOT NULL,
    -- The serverType that the signature covers; the one in the document is given by this control plane.
    signed_server_type text           NOT NULL DEFAULT '',
    client             boolean        NOT NULL DEFAULT false,
    visor              boolean        NOT NULL DEFAULT false,
    server             boolean        NOT NULL DEFAULT false,
    official           boolean        NOT NULL DEFAULT false,
    available_sessions bigint         NOT NULL DEFAULT 0,
    -- Live: when the lease runs out. Tombstone: when it may be forgotten.
    until              timestamptz    NOT NULL,
    CHECK (live = (document <> '')),
    CHECK (live OR NOT (client OR visor OR server))
) WITH (fillfactor = 80);

CREATE INDEX messaging_entries_until ON messaging_entries (live, server, until);
CREATE INDEX messaging_entries_clients ON messaging_entries (public_key) WHERE client;
CREATE INDEX messaging_entries_servers ON messaging_entries (public_key) WHERE server;

-- Deregistration proofs of network monitors that were used already; kept a little longer than a proof is fresh.
CREATE TABLE messaging_monitor_proofs (
    monitor bytea       NOT NULL CHECK (octet_length(monitor) = 33),
    nonce   bytea       NOT NULL,
    until   timestamptz NOT NULL,
    PRIMARY KEY (monitor, nonce)
);

CREATE INDEX messaging_monitor_proofs_until ON messaging_monitor_proofs (until);
