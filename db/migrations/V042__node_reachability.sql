-- Whether a node could be dialled when the control plane last tried, because it asked. See
-- docs/protocol/reachability.md.
--
-- No address: that of a node which is not public is nobody's business.
CREATE TABLE node_reachability (
    public_key bytea PRIMARY KEY CHECK (octet_length(public_key) = 33),
    reachable  boolean     NOT NULL,
    dialled_at timestamptz NOT NULL
);
