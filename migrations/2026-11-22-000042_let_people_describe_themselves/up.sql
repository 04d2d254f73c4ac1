ALTER TABLE users
    ADD COLUMN locale      text NOT NULL DEFAULT 'pt-BR'
               CONSTRAINT users_locale_known CHECK (locale IN ('pt-BR', 'en')),
    ADD COLUMN preferences jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN users.preferences IS 'How the dashboard behaves for this user; missing fields have defaults.';

-- Apart from users, so that no list carries pictures along.
CREATE TABLE avatars (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    media_type text NOT NULL,
    bytes      bytea NOT NULL,
    digest     bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT avatars_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT avatars_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE avatars IS 'Pictures that users uploaded of themselves.';
COMMENT ON COLUMN avatars.digest IS 'SHA-256 of the bytes.';

ALTER TABLE avatars ENABLE ROW LEVEL SECURITY;
ALTER TABLE avatars FORCE ROW LEVEL SECURITY;
CREATE POLICY avatars_app ON avatars TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON avatars TO papo_app;
