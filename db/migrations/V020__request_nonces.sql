-- The next nonce of each key that signs HTTP requests. See docs/security.md.
--
-- Clients count in unsigned 64 bits, so the number is numeric(20): exact, never negative. After the last one,
-- 18446744073709551615, the counter stands at 2^64, which no client can send: it ends and never starts again.
CREATE TABLE request_nonces (
    public_key bytea PRIMARY KEY CHECK (octet_length(public_key) = 33),
    next_nonce numeric(20) NOT NULL CHECK (next_nonce BETWEEN 1 AND 18446744073709551616),
    taken_at   timestamptz NOT NULL
) WITH (fillfactor = 80);
