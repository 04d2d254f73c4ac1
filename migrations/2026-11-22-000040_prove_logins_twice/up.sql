-- What a login shows besides its password, and from where it came.

ALTER TABLE users ADD COLUMN two_factor_at timestamptz;
COMMENT ON COLUMN users.two_factor_at IS 'Since when a login needs a second factor; NULL if it does not.';

CREATE TABLE second_factors (
    tenant_id            uuid NOT NULL,
    user_id              uuid NOT NULL,
    secret_enc           bytea NOT NULL,
    last_step            bigint NOT NULL DEFAULT 0,
    challenge_hash       bytea,
    challenge_expires_at timestamptz,
    challenge_attempts   integer NOT NULL DEFAULT 0,
    created_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT second_factors_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT second_factors_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE second_factors IS 'Authenticators; in use once users.two_factor_at is set.';
COMMENT ON COLUMN second_factors.last_step IS 'Time step of the last code that was taken: no code is good twice.';
COMMENT ON COLUMN second_factors.challenge_hash IS 'A login that has shown its password and not yet a code. One at a time.';

ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE second_factors FORCE ROW LEVEL SECURITY;
CREATE POLICY second_factors_app ON second_factors TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors TO papo_app;

CREATE TABLE recovery_codes (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    code_hash bytea NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (tenant_id, user_id, code_hash),
    CONSTRAINT recovery_codes_factor_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES second_factors ON DELETE CASCADE
);
COMMENT ON TABLE recovery_codes IS 'Codes for who has lost the authenticator. A code that is used is deleted.';

ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY recovery_codes_app ON recovery_codes TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, DELETE ON recovery_codes TO papo_app;

ALTER TABLE refresh_tokens
    ADD COLUMN began_at   timestamptz,
    ADD COLUMN user_agent text,
    ADD COLUMN address    text;
COMMENT ON COLUMN refresh_tokens.began_at IS 'When the login was; NULL in rows that are older than the column.';
COMMENT ON COLUMN refresh_tokens.address IS 'IP address that the token was given to.';
