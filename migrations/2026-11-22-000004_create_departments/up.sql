CREATE TABLE departments (
    tenant_id      uuid NOT NULL CONSTRAINT departments_tenant_fk REFERENCES tenants,
    id             uuid NOT NULL,
    name           text NOT NULL,
    position       integer NOT NULL DEFAULT 0,
    business_hours jsonb,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT departments_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE departments IS 'Attendance groups.';
COMMENT ON COLUMN departments.business_hours IS 'Own hours; NULL follows the tenant''s.';

CREATE UNIQUE INDEX departments_name_unique ON departments (tenant_id, lower(name));

CREATE TRIGGER departments_updated_at BEFORE UPDATE ON departments
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE departments ENABLE ROW LEVEL SECURITY;
ALTER TABLE departments FORCE ROW LEVEL SECURITY;
CREATE POLICY departments_app ON departments TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY departments_engine ON departments TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON departments TO papo_app;
GRANT SELECT ON departments TO papo_engine;

CREATE TABLE user_departments (
    tenant_id     uuid NOT NULL,
    user_id       uuid NOT NULL,
    department_id uuid NOT NULL,
    CONSTRAINT user_departments_pkey PRIMARY KEY (tenant_id, user_id, department_id),
    CONSTRAINT user_departments_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE,
    CONSTRAINT user_departments_department_fk
        FOREIGN KEY (tenant_id, department_id) REFERENCES departments ON DELETE CASCADE
);
COMMENT ON TABLE user_departments IS 'Who works in which department.';

CREATE INDEX user_departments_department_idx ON user_departments (tenant_id, department_id);

ALTER TABLE user_departments ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_departments FORCE ROW LEVEL SECURITY;
CREATE POLICY user_departments_app ON user_departments TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, DELETE ON user_departments TO papo_app;
