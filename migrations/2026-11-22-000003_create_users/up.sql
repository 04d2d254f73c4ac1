CREATE TABLE users (
    tenant_id            uuid NOT NULL CONSTRAINT users_tenant_fk REFERENCES tenants,
    id                   uuid NOT NULL,
    email                text NOT NULL,
    password_hash        text NOT NULL,
    full_name            text NOT NULL,
    role                 text NOT NULL
        CONSTRAINT users_role_known
        CHECK (role IN ('member', 'attendant', 'supervisor', 'tenant_admin', 'super_admin')),
    avatar_url           text,
    is_active            boolean NOT NULL DEFAULT true,
    must_change_password boolean NOT NULL DEFAULT false,
    last_login_at        timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
    -- Super admins live in the platform, and only there.
    CONSTRAINT users_super_admin_home CHECK (
        (role = 'super_admin') = (tenant_id = '00000000-0000-0000-0000-000000000000'))
);
COMMENT ON TABLE users IS 'Staff of a tenant, and super admins under the nil tenant.';

CREATE UNIQUE INDEX users_email_unique ON users (tenant_id, lower(email));

CREATE TRIGGER users_updated_at BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_app ON users TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE ON users TO papo_app;
