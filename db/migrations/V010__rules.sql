-- The rules that every node should hold, and how far it has followed.

CREATE TABLE node_revisions (
    node     bytea PRIMARY KEY CHECK (octet_length(node) = 33),
    -- Grows by one with every change of the node's rules.
    revision bigint NOT NULL CHECK (revision >= 0),
    -- The newest revision that the node has acknowledged. Removals up to it are forgotten, so an older base
    -- gets a snapshot.
    applied  bigint NOT NULL DEFAULT 0 CHECK (applied >= 0)
);

CREATE TABLE node_rules (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    node             bytea  NOT NULL REFERENCES node_revisions (node),
    -- The rule's key: (ingress, ingress_id) for what matches packets, forward_of for the forward rule of a route.
    ingress          uuid,
    ingress_id       bigint CHECK (ingress_id BETWEEN 1 AND 4294967295),
    forward_of       uuid,
    -- skywire.v1.Rule
    rule             bytea  NOT NULL,
    route            uuid   NOT NULL,
    revision_added   bigint NOT NULL,
    -- Null while the rule should be in the node's table.
    revision_removed bigint,
    CHECK ((ingress IS NULL) = (ingress_id IS NULL)),
    CHECK ((ingress IS NULL) <> (forward_of IS NULL))
);

-- One live rule per key: two routes never share a number on a transport.
CREATE UNIQUE INDEX node_rules_ingress ON node_rules (node, ingress, ingress_id)
    WHERE revision_removed IS NULL AND ingress IS NOT NULL;
CREATE UNIQUE INDEX node_rules_forward ON node_rules (node, forward_of)
    WHERE revision_removed IS NULL AND forward_of IS NOT NULL;

CREATE INDEX node_rules_added ON node_rules (node, revision_added);
CREATE INDEX node_rules_removed ON node_rules (node, revision_removed) WHERE revision_removed IS NOT NULL;
CREATE INDEX node_rules_route ON node_rules (route) WHERE revision_removed IS NULL;
