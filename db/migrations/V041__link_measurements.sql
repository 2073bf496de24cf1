-- What each edge measures on a link beside its round trip, and the messaging servers that it may use. See
-- docs/protocol/discovery.md, Measurements.
--
-- loss and load are millionths, throughput is bytes per second. relays are keys of 33 bytes, one behind the other, in
-- their order. measured_at is when an edge last told a measurement; null if it never has.
ALTER TABLE transport_views ADD COLUMN loss integer NOT NULL DEFAULT 0 CHECK (loss BETWEEN 0 AND 1000000);
ALTER TABLE transport_views ADD COLUMN load integer NOT NULL DEFAULT 0 CHECK (load BETWEEN 0 AND 1000000);
ALTER TABLE transport_views ADD COLUMN throughput bigint NOT NULL DEFAULT 0 CHECK (throughput >= 0);
ALTER TABLE transport_views ADD COLUMN relays bytea NOT NULL DEFAULT ''
    CHECK (octet_length(relays) % 33 = 0 AND octet_length(relays) <= 8 * 33);
ALTER TABLE transport_views ADD COLUMN measured_at timestamptz;

-- As it was told last, of both edges together.
ALTER TABLE transports ADD COLUMN loss integer NOT NULL DEFAULT 0;
ALTER TABLE transports ADD COLUMN load integer NOT NULL DEFAULT 0;
ALTER TABLE transports ADD COLUMN throughput bigint NOT NULL DEFAULT 0;
ALTER TABLE transports ADD COLUMN relays bytea NOT NULL DEFAULT '';
ALTER TABLE transports ADD COLUMN measured_at timestamptz;
