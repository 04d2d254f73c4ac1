CREATE TABLE inbox_keys (
    tenant_id   uuid NOT NULL,
    channel_id  uuid NOT NULL,
    external_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inbox_keys_pkey PRIMARY KEY (tenant_id, channel_id, external_id)
);
COMMENT ON TABLE inbox_keys IS
    'Everything providers told us, once. A key outlives its item, so that a late copy has no second effect.';

-- Rows come in the order of time and are never changed, which is all that such an index needs.
CREATE INDEX inbox_keys_age_idx ON inbox_keys USING brin (received_at) WITH (pages_per_range = 16);

-- What is still to be done, so it stays small. An item leaves in the commit that holds its effects.
CREATE TABLE inbox (
    tenant_id   uuid NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    channel_id  uuid NOT NULL,
    external_id text NOT NULL,
    item        json,
    state       text NOT NULL DEFAULT 'pending',
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz,
    wake_key    text,
    reason      text,
    received_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
COMMENT ON TABLE inbox IS 'Items that are not done.';
COMMENT ON COLUMN inbox.id IS 'Grows in the order of arrival.';
COMMENT ON COLUMN inbox.state IS 'pending, parked or dead.';
COMMENT ON COLUMN inbox.next_at IS 'When a parked row is looked at again.';
COMMENT ON COLUMN inbox.wake_key IS 'Provider id that a parked status waits for.';
COMMENT ON COLUMN inbox.reason IS 'Why it is dead.';

-- One for each state: a row is in one of them only, and nobody asks across.
CREATE UNIQUE INDEX inbox_pending_idx ON inbox (tenant_id, id) WHERE state = 'pending';
CREATE INDEX inbox_parked_idx ON inbox (tenant_id, next_at) WHERE state = 'parked';
CREATE INDEX inbox_wake_idx ON inbox (tenant_id, channel_id, wake_key)
    WHERE state = 'parked' AND wake_key IS NOT NULL;
CREATE INDEX inbox_dead_idx ON inbox (tenant_id, id) WHERE state = 'dead';

ALTER TABLE inbox_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY inbox_keys_app ON inbox_keys TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY inbox_keys_engine ON inbox_keys TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON inbox_keys TO papo_app;
GRANT SELECT, INSERT, DELETE ON inbox_keys TO papo_engine;

ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY inbox_app ON inbox TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY inbox_engine ON inbox TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON inbox TO papo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox TO papo_engine;

CREATE TABLE inbox_unrouted (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    route       text NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE inbox_unrouted IS 'Authentic deliveries for channels that nobody has registered; no tenant''s.';

CREATE INDEX inbox_unrouted_age_idx ON inbox_unrouted (received_at);

GRANT SELECT, INSERT, DELETE ON inbox_unrouted TO papo_engine;
