-- The control planes that run, and which of them holds which agent's session. See docs/operations/replicas.md.
--
-- A replica renews its row each second by the database's clock; one that has not for 5 seconds is dead, and its rows are
-- swept by any other. Both tables are about now: what is lost with a crash is written again, so they need no WAL
-- archive of their own, but after a crash of the server every reader must still find them, hence not UNLOGGED.
CREATE TABLE replicas (
    id         uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Proven sessions it holds: what the others compare their own number with.
    sessions   integer     NOT NULL CHECK (sessions >= 0),
    -- Whether it takes sessions: not while it starts, nor when it is about to end.
    serving    boolean     NOT NULL DEFAULT false
)
-- Renewed each second: room on the page for new versions of the row.
WITH (fillfactor = 50);

-- One row per agent with a proven session. No foreign key: thousands are written in one statement when agents come back.
CREATE TABLE agent_sessions (
    node    bytea PRIMARY KEY CHECK (octet_length(node) = 33),
    replica uuid        NOT NULL,
    since   timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX agent_sessions_replica ON agent_sessions (replica);
