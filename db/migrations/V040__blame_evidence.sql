-- What speaks against nodes and transports, for as long as it counts. See docs/protocol/route-setup.md, Blame.
--
-- One row per fault and suspect. Scores are never stored: they are computed from these rows, so a changed half-life needs
-- no rewriting. Nothing refers to routes: evidence outlives them and says nothing that the ledger does not say.
CREATE TABLE blame_evidence (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A node's key (33 bytes) or a transport's id (16 bytes).
    subject bytea            NOT NULL CHECK (octet_length(subject) IN (16, 33)),
    -- Of a transport only.
    lower   bytea CHECK (octet_length(lower) = 33),
    higher  bytea CHECK (octet_length(higher) = 33),
    -- The node without which this row would not be there: whose setup it was. Null: seen apart from any setup.
    accuser bytea CHECK (octet_length(accuser) = 33),
    reason  text             NOT NULL,
    weight  double precision NOT NULL CHECK (weight > 0 AND weight <= 1),
    at      timestamptz      NOT NULL,
    route   uuid             NOT NULL,
    CHECK ((octet_length(subject) = 16) = (lower IS NOT NULL AND higher IS NOT NULL))
);

CREATE INDEX blame_evidence_subject ON blame_evidence (subject);
CREATE INDEX blame_evidence_accuser ON blame_evidence (accuser);
CREATE INDEX blame_evidence_at ON blame_evidence (at);
