CREATE TABLE refresh_tokens (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    family      uuid NOT NULL,
    user_id     uuid NOT NULL,
    token_hash  bytea NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    revoked_at  timestamptz,
    replaced_by uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT refresh_tokens_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE refresh_tokens IS 'Logins that can be renewed; the token itself is not stored.';
COMMENT ON COLUMN refresh_tokens.id IS 'The token''s jti.';
COMMENT ON COLUMN refresh_tokens.family IS 'One login; a token used twice revokes its whole family.';

CREATE INDEX refresh_tokens_family_idx ON refresh_tokens (tenant_id, family);
CREATE INDEX refresh_tokens_user_idx ON refresh_tokens (tenant_id, user_id);
CREATE INDEX refresh_tokens_expiry_idx ON refresh_tokens (expires_at);

ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY refresh_tokens_app ON refresh_tokens TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY refresh_tokens_engine ON refresh_tokens TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON refresh_tokens TO papo_app;
GRANT SELECT, DELETE ON refresh_tokens TO papo_engine;
