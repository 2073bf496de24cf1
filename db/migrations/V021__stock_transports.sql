-- What stock visors say of their transports over HTTP. See docs/compatibility.md.
--
-- label is for people and not signed. A private transport is in no route and in no listing but its own edges'.
ALTER TABLE transports ADD COLUMN label text NOT NULL DEFAULT 'user' CHECK (length(label) <= 64);
ALTER TABLE transports ADD COLUMN private boolean NOT NULL DEFAULT false;

-- A stock view comes from a registration that both edges signed, not from a session. Its lease is longer, and any
-- signed request of either edge renews it.
ALTER TABLE transport_views ADD COLUMN stock boolean NOT NULL DEFAULT false;
