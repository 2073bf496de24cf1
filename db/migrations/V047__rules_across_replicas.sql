-- What nodes answered to their rules, where every replica can read it.

-- The newest revision that a node has acknowledged; removals up to it are forgotten. Apart from node_revisions: there every
-- setup over a node locks the node's row, and acknowledgements of many nodes are written together.
CREATE TABLE node_applied (
    node    bytea PRIMARY KEY CHECK (octet_length(node) = 33),
    applied bigint NOT NULL CHECK (applied >= 0)
)
WITH (fillfactor = 50);

INSERT INTO node_applied (node, applied) SELECT node, applied FROM node_revisions WHERE applied > 0;

-- node_revisions.applied is not written any more. It stays while replicas of the release before may still run.

ALTER TABLE node_revisions SET (fillfactor = 50);

-- Rules and whole deltas that nodes have not taken: for setups whose replica does not hold the node's session. Kept for
-- two minutes, longer than any setup lasts.
CREATE TABLE rule_refusals (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    node       bytea       NOT NULL CHECK (octet_length(node) = 33),
    -- Where the delta led to.
    revision   bigint      NOT NULL,
    -- Null: the node refused the whole delta.
    route      uuid,
    -- The refused rule's key, as in node_rules.
    ingress    uuid,
    ingress_id bigint,
    forward_of uuid,
    reason     text        NOT NULL,
    detail     text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((route IS NULL) = (ingress IS NULL AND forward_of IS NULL))
);

CREATE INDEX rule_refusals_node ON rule_refusals (node, revision);
CREATE INDEX rule_refusals_at ON rule_refusals (at);
