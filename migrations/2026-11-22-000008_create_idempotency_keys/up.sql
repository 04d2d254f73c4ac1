CREATE TABLE idempotency_keys (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    key        text NOT NULL
        CONSTRAINT idempotency_keys_length CHECK (char_length(key) BETWEEN 1 AND 255),
    request    bytea NOT NULL,
    answer     jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, user_id, key)
);
COMMENT ON TABLE idempotency_keys IS 'Requests that a client may repeat, with the answer of their one effect.';
COMMENT ON COLUMN idempotency_keys.request IS 'Digest of method, path and body.';

CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (created_at);

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_app ON idempotency_keys TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY idempotency_keys_engine ON idempotency_keys TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON idempotency_keys TO papo_app;
GRANT SELECT, INSERT, DELETE ON idempotency_keys TO papo_engine;
