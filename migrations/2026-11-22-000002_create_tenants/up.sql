CREATE TABLE tenants (
    tenant_id     uuid PRIMARY KEY,
    slug          text NOT NULL CONSTRAINT tenants_slug_shape CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name          text NOT NULL,
    email         text,
    status        text NOT NULL DEFAULT 'trial'
                  CONSTRAINT tenants_status_known CHECK (status IN ('trial', 'active', 'suspended', 'platform')),
    trial_ends_at timestamptz,
    shard         smallint NOT NULL CONSTRAINT tenants_shard_range CHECK (shard BETWEEN 0 AND 255),
    policy        jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenants_slug_unique UNIQUE (slug),
    CONSTRAINT tenants_platform_is_nil
        CHECK ((status = 'platform') = (tenant_id = '00000000-0000-0000-0000-000000000000'))
);
COMMENT ON TABLE tenants IS 'Customer organisations. The nil id is the platform, home of super admins.';
COMMENT ON COLUMN tenants.shard IS 'Slice of tenants that nodes lease. Stored, never recomputed.';
COMMENT ON COLUMN tenants.policy IS 'Rules of attendance; missing fields have defaults.';

CREATE INDEX tenants_shard_idx ON tenants (shard);

CREATE TRIGGER tenants_updated_at BEFORE UPDATE ON tenants
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

INSERT INTO tenants (tenant_id, slug, name, status, shard)
VALUES ('00000000-0000-0000-0000-000000000000', 'platform', 'Papo', 'platform', 0);

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants_app ON tenants TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
-- The platform's scope, entered only for a super admin, administers the list of tenants. It
-- opens no other table.
CREATE POLICY tenants_platform ON tenants TO papo_app
    USING (current_tenant() = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (current_tenant() = '00000000-0000-0000-0000-000000000000');
CREATE POLICY tenants_engine ON tenants FOR SELECT TO papo_engine USING (true);
-- For find_tenant.
CREATE POLICY tenants_lookup ON tenants FOR SELECT TO papo_owner USING (true);

GRANT SELECT, INSERT, UPDATE ON tenants TO papo_app;
GRANT SELECT ON tenants TO papo_engine;

-- Before a login there is no tenant to be in the scope of.
CREATE FUNCTION find_tenant(wanted_slug text)
    RETURNS TABLE (tenant_id uuid, name text, status text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT t.tenant_id, t.name, t.status FROM public.tenants t WHERE t.slug = wanted_slug
$$;
REVOKE ALL ON FUNCTION find_tenant(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_tenant(text) TO papo_app;
