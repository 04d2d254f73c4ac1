CREATE TABLE inbox (
    tenant_id   uuid NOT NULL,
    channel_id  uuid NOT NULL,
    external_id text NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    item        json,
    state       text NOT NULL DEFAULT 'pending',
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz,
    wake_key    text,
    reason      text,
    received_at timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, channel_id, external_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE inbox IS
    'Everything providers told us, once. The key outlives the item, so that a late copy has no second effect.';
COMMENT ON COLUMN inbox.item IS 'The decoded item; nulled when it is done.';
COMMENT ON COLUMN inbox.state IS 'pending, parked, done or dead.';
COMMENT ON COLUMN inbox.next_at IS 'When a parked row is looked at again.';
COMMENT ON COLUMN inbox.wake_key IS 'Provider id that a parked status waits for.';
COMMENT ON COLUMN inbox.reason IS 'Why it is dead.';

CREATE INDEX inbox_pending_idx ON inbox (tenant_id, id) WHERE state = 'pending';
CREATE INDEX inbox_parked_idx ON inbox (tenant_id, next_at) WHERE state = 'parked';
CREATE INDEX inbox_wake_idx ON inbox (tenant_id, channel_id, wake_key)
    WHERE state = 'parked' AND wake_key IS NOT NULL;
CREATE INDEX inbox_dead_idx ON inbox (tenant_id, id) WHERE state = 'dead';
CREATE INDEX inbox_done_idx ON inbox (done_at) WHERE state = 'done';

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
