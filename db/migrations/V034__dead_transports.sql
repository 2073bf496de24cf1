-- Transports that have been down for long are removed. See docs/protocol/discovery.md.
CREATE INDEX transports_dead ON transports (changed_at) WHERE NOT up;

-- A transport that comes back after its removal must not start at a revision that others have heard of it already. It
-- starts at the second of its registration: no transport changes more than once a second for its whole life.
ALTER TABLE transports ALTER COLUMN revision SET DEFAULT floor(extract(epoch FROM now()))::bigint;
