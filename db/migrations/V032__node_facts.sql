-- What nodes say of themselves in their sessions. See docs/protocol/nodes.md.
--
-- A row is there for each node that ever told; whether the node is there now stands in node_uptime.
CREATE TABLE node_facts (
    public_key bytea PRIMARY KEY CHECK (octet_length(public_key) = 33),
    software   text        NOT NULL CHECK (length(software) <= 100),
    public     boolean     NOT NULL,
    -- host:port each; none unless public.
    addresses  text[]      NOT NULL CHECK (cardinality(addresses) <= 8 AND (public OR cardinality(addresses) = 0)),
    told_at    timestamptz NOT NULL
);

CREATE INDEX node_facts_public ON node_facts (public_key) WHERE public;
