-- When a node last said that it is there, and for how long of each day. See docs/protocol/uptime.md.
--
-- last_bucket is the 300-second stretch (since 1970) that was credited last: of all calls inside a stretch, to all
-- replicas, one is credited.
CREATE TABLE node_uptime (
    public_key  bytea PRIMARY KEY CHECK (octet_length(public_key) = 33),
    version     text        NOT NULL,
    last_bucket bigint      NOT NULL,
    updated_at  timestamptz NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE node_uptime_days (
    public_key bytea   NOT NULL REFERENCES node_uptime (public_key) ON DELETE CASCADE,
    day        date    NOT NULL,
    seconds    integer NOT NULL CHECK (seconds BETWEEN 1 AND 86400),
    PRIMARY KEY (public_key, day)
) WITH (fillfactor = 80);

CREATE INDEX node_uptime_days_day ON node_uptime_days (day);
