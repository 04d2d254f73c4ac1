CREATE TABLE attendance_days (
    tenant_id uuid NOT NULL,
    slice     text NOT NULL,
    day       date NOT NULL,
    key       uuid NOT NULL,
    tally     json NOT NULL,
    CONSTRAINT attendance_days_pkey PRIMARY KEY (tenant_id, slice, day, key),
    CONSTRAINT attendance_days_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants
);
COMMENT ON TABLE attendance_days IS
    'What each day came to, for reports: the facts of sessions and stretches, added up.';
COMMENT ON COLUMN attendance_days.slice IS 'whole, department, channel or attendant.';
COMMENT ON COLUMN attendance_days.day IS 'In the time zone that the tenant had when it was counted.';
COMMENT ON COLUMN attendance_days.key IS
    'The department, channel or attendant; the nil id for the whole, and for what has none.';

ALTER TABLE attendance_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendance_days FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_days_app ON attendance_days TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY attendance_days_engine ON attendance_days TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON attendance_days TO papo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON attendance_days TO papo_engine;
