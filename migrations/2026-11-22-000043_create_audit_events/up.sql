-- Who did what. HTTP adds and reads; nothing changes a row, and only maintenance takes old ones away.
CREATE TABLE audit_events (
    tenant_id   uuid NOT NULL CONSTRAINT audit_events_tenant_fk REFERENCES tenants,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    category    text NOT NULL,
    action      text NOT NULL,
    actor_id    uuid,
    actor_name  text,
    actor_role  text,
    object_kind text,
    object_id   text,
    before      jsonb,
    after       jsonb,
    address     text,
    user_agent  text,
    request_id  text NOT NULL,
    CONSTRAINT audit_events_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE audit_events IS 'The audit trail. No secrets, nothing that customers wrote.';
COMMENT ON COLUMN audit_events.actor_id IS 'NULL for whoever could not prove to be anybody. No reference: super admins are of no tenant.';
COMMENT ON COLUMN audit_events.before IS 'The fields that changed, as they were.';

CREATE INDEX audit_events_actor_idx ON audit_events (tenant_id, actor_id, id);
CREATE INDEX audit_events_object_idx ON audit_events (tenant_id, object_kind, object_id, id);
CREATE INDEX audit_events_at_idx ON audit_events (at);

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_events_app_reads ON audit_events FOR SELECT TO papo_app
    USING (tenant_id = current_tenant());
CREATE POLICY audit_events_app_adds ON audit_events FOR INSERT TO papo_app
    WITH CHECK (tenant_id = current_tenant());
CREATE POLICY audit_events_engine ON audit_events TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON audit_events TO papo_app;
GRANT SELECT, DELETE ON audit_events TO papo_engine;
