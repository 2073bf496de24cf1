-- Transports with the proof of both edges, and each edge's own view of them. See docs/protocol/discovery.md.
--
-- up, rtt_us and max_payload of a transport are what the topology was told last: they are kept beside the views so that
-- a change is noticed in the transaction that makes it, and so that a start reads one table. revision grows with every
-- such change and orders the events of concurrent transactions.
CREATE TABLE transports (
    id               uuid PRIMARY KEY,
    edge_lower       bytea       NOT NULL CHECK (octet_length(edge_lower) = 33),
    edge_higher      bytea       NOT NULL CHECK (octet_length(edge_higher) = 33),
    type             text        NOT NULL,
    lower_signature  bytea       NOT NULL CHECK (octet_length(lower_signature) = 65),
    higher_signature bytea       NOT NULL CHECK (octet_length(higher_signature) = 65),
    registered_at    timestamptz NOT NULL,
    up               boolean     NOT NULL DEFAULT false,
    rtt_us           bigint,
    max_payload      integer     NOT NULL DEFAULT 0,
    revision         bigint      NOT NULL DEFAULT 0,
    changed_at       timestamptz NOT NULL,
    CHECK (edge_lower <= edge_higher)
);

CREATE INDEX transports_edge_lower ON transports (edge_lower);
CREATE INDEX transports_edge_higher ON transports (edge_higher);

-- UP and DOWN are the edge's own words; EXPIRED is an UP whose lease ran out, which a renewal makes UP again.
CREATE TABLE transport_views (
    transport_id uuid        NOT NULL REFERENCES transports (id) ON DELETE CASCADE,
    edge         bytea       NOT NULL,
    state        text        NOT NULL CHECK (state IN ('UP', 'DOWN', 'EXPIRED')),
    rtt_us       bigint,
    max_payload  integer     NOT NULL,
    reported_at  timestamptz NOT NULL,
    lease_until  timestamptz NOT NULL,
    PRIMARY KEY (transport_id, edge)
) WITH (fillfactor = 80);

CREATE INDEX transport_views_edge ON transport_views (edge);
-- The sweeper finds lapsed leases here without reading the table.
CREATE INDEX transport_views_lease ON transport_views (lease_until) WHERE state = 'UP';
