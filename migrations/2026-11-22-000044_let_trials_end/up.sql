ALTER TABLE tenants
    ADD COLUMN plan text NOT NULL DEFAULT 'pro'
    CONSTRAINT tenants_plan_known CHECK (plan IN ('free', 'pro', 'enterprise'));
COMMENT ON COLUMN tenants.plan IS 'What the tenant may have; how much that is, the configuration says.';

-- Whether a tenant's people may come in: not where it is suspended, nor where its trial is over.
CREATE FUNCTION is_served(status text, trial_ends_at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN status <> 'suspended' AND (status <> 'trial' OR coalesce(trial_ends_at > now(), true));
