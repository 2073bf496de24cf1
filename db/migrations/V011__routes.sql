-- The setup ledger: every request that reached a plan or an answer, where its route lies, and how it ended.

CREATE TABLE routes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The newest plan's name: each plan has its own, so that an answer to an earlier one is never taken for this.
    uid         uuid        NOT NULL UNIQUE,
    request_id  uuid        NOT NULL,
    session     uuid        NOT NULL,
    initiator   bytea       NOT NULL CHECK (octet_length(initiator) = 33),
    destination bytea       NOT NULL CHECK (octet_length(destination) = 33),
    explicit    boolean     NOT NULL,
    state       text        NOT NULL CHECK (state IN ('REQUESTED', 'PLANNED', 'INSTALLING', 'PROBING', 'ACTIVE',
                                                      'CLOSING', 'CLOSED', 'ROLLING_BACK', 'FAILED')),
    plans       integer     NOT NULL,
    -- Why it failed, at which place on the route, and in which words: told to the initiator, recorded for staff.
    reason      text,
    hop         integer,
    told        text,
    recorded    text,
    -- Where the time went, in microseconds.
    find_us     bigint      NOT NULL DEFAULT 0,
    write_us    bigint      NOT NULL DEFAULT 0,
    install_us  bigint      NOT NULL DEFAULT 0,
    probe_us    bigint      NOT NULL DEFAULT 0,
    created     timestamptz NOT NULL,
    changed     timestamptz NOT NULL,
    deadline    timestamptz NOT NULL,
    -- The same request of the same initiator gets the same answer.
    UNIQUE (initiator, request_id)
);

CREATE INDEX routes_unfinished ON routes (deadline) WHERE state IN ('REQUESTED', 'PLANNED', 'INSTALLING', 'PROBING',
                                                                    'CLOSING', 'ROLLING_BACK');
CREATE INDEX routes_by_state ON routes (state, id DESC);

-- The places of a route, 0 for the initiator. egress: the transport to the next place, null at the last.
CREATE TABLE route_hops (
    route_id bigint  NOT NULL REFERENCES routes (id),
    place    integer NOT NULL,
    node     bytea   NOT NULL CHECK (octet_length(node) = 33),
    egress   uuid,
    PRIMARY KEY (route_id, place)
);

CREATE INDEX route_hops_egress ON route_hops (egress);
