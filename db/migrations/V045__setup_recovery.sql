-- Which replica works on a setup, so that others can end it when that replica is dead; and how rows leave the ledger.

ALTER TABLE routes
    -- Of the newest plan; null in rows of older versions.
    ADD COLUMN owner uuid,
    -- Names of earlier plans: what nodes that never came back were to remove is forgotten with the row.
    ADD COLUMN earlier uuid[] NOT NULL DEFAULT '{}',
    -- Since when neither end of an active route has had a session.
    ADD COLUMN unattended_since timestamptz;

CREATE INDEX routes_finished ON routes (changed) WHERE state IN ('CLOSED', 'FAILED');

ALTER TABLE route_hops
    DROP CONSTRAINT route_hops_route_id_fkey,
    ADD CONSTRAINT route_hops_route_id_fkey FOREIGN KEY (route_id) REFERENCES routes (id) ON DELETE CASCADE;

CREATE INDEX node_rules_removed_of ON node_rules (route) WHERE revision_removed IS NOT NULL;

-- What a node signed when it had applied the rules of a route: docs/protocol/rules.md.
CREATE TABLE route_receipts (
    route_id  bigint      NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    node      bytea       NOT NULL CHECK (octet_length(node) = 33),
    -- The plan whose rules these were.
    uid       uuid        NOT NULL,
    revision  bigint      NOT NULL,
    -- skywire.v1.RuleDelta as it was sent; null if it was too large to keep.
    delta     bytea,
    digest    bytea       NOT NULL CHECK (octet_length(digest) = 32),
    signature bytea       NOT NULL CHECK (octet_length(signature) = 65),
    received  timestamptz NOT NULL,
    PRIMARY KEY (route_id, node, uid)
);
