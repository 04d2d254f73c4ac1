CREATE TABLE jobs (
    tenant_id   uuid NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    key         text NOT NULL,
    payload     json NOT NULL,
    state       text NOT NULL DEFAULT 'pending',
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT now(),
    lease_epoch bigint,
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT jobs_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT jobs_key_unique UNIQUE (tenant_id, kind, key)
) WITH (fillfactor = 80);
COMMENT ON TABLE jobs IS
    'Work that follows from something committed, such as fetching a file: done at least once, by the node that holds the tenant''s shard.';
COMMENT ON COLUMN jobs.key IS 'What it is about: a kind has one job for it.';
COMMENT ON COLUMN jobs.payload IS 'Ids and numbers, never words of a customer.';
COMMENT ON COLUMN jobs.state IS 'pending, running, done or dead.';
COMMENT ON COLUMN jobs.attempts IS 'Tries that were begun; while it runs, the name of its claim.';
COMMENT ON COLUMN jobs.next_at IS 'When it may begin; while it runs: when nobody believes in it any more; when it ended: when that was.';
COMMENT ON COLUMN jobs.lease_epoch IS 'The lease that it runs under; under an older one it is not running.';

CREATE INDEX jobs_pending_idx ON jobs (tenant_id, next_at) WHERE state = 'pending';
CREATE INDEX jobs_running_idx ON jobs (tenant_id) WHERE state = 'running';
CREATE INDEX jobs_dead_idx ON jobs (tenant_id, id) WHERE state = 'dead';
-- Ended jobs are thrown away by the engine's maintenance. Rows come in the order of time, which is
-- all that such an index needs.
CREATE INDEX jobs_age_idx ON jobs USING brin (created_at) WITH (pages_per_range = 16);

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY jobs_app ON jobs TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY jobs_engine ON jobs TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON jobs TO papo_app;
GRANT INSERT (tenant_id, kind, key, payload, next_at) ON jobs TO papo_app;
GRANT UPDATE (payload, state, attempts, next_at, last_error) ON jobs TO papo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO papo_engine;
