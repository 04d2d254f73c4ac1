CREATE TABLE attendants (
    tenant_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    availability text NOT NULL DEFAULT 'available'
        CONSTRAINT attendants_availability_known CHECK (availability IN ('available', 'away')),
    capacity     integer NOT NULL DEFAULT 5
        CONSTRAINT attendants_capacity_range CHECK (capacity BETWEEN 0 AND 500),
    skills       text[] NOT NULL DEFAULT '{}'
        CONSTRAINT attendants_skills_count CHECK (cardinality(skills) <= 30),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attendants_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT attendants_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE attendants IS
    'How staff serve customers. Somebody without a row is as the defaults say.';
COMMENT ON COLUMN attendants.availability IS 'available, or away: then nothing new is given to them.';
COMMENT ON COLUMN attendants.capacity IS 'The most conversations that they lead or are offered at once.';

CREATE TRIGGER attendants_updated_at BEFORE UPDATE ON attendants
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE attendants ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendants FORCE ROW LEVEL SECURITY;
CREATE POLICY attendants_app ON attendants TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY attendants_engine ON attendants TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON attendants TO papo_app;
GRANT SELECT ON attendants TO papo_engine;
