CREATE TABLE account_links (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    kind       text NOT NULL
        CONSTRAINT account_links_kind_known CHECK (kind IN ('invitation', 'password_reset')),
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_links_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT account_links_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE account_links IS 'Links by which a user sets a password, one at a time. A link that is used is deleted.';

ALTER TABLE account_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_links FORCE ROW LEVEL SECURITY;
CREATE POLICY account_links_app ON account_links TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON account_links TO papo_app;
