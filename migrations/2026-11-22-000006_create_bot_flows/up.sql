CREATE TABLE bot_flows (
    tenant_id  uuid NOT NULL CONSTRAINT bot_flows_tenant_fk REFERENCES tenants,
    id         uuid NOT NULL,
    name       text NOT NULL,
    is_active  boolean NOT NULL DEFAULT false,
    definition jsonb NOT NULL,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bot_flows_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE bot_flows IS 'Scripts of the menu bot. Without an active one the default flow serves.';
COMMENT ON COLUMN bot_flows.version IS 'Raised by every edit; an edit of an older version is refused.';

CREATE UNIQUE INDEX bot_flows_one_active ON bot_flows (tenant_id) WHERE is_active;

CREATE TRIGGER bot_flows_updated_at BEFORE UPDATE ON bot_flows
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE bot_flows ENABLE ROW LEVEL SECURITY;
ALTER TABLE bot_flows FORCE ROW LEVEL SECURITY;
CREATE POLICY bot_flows_app ON bot_flows TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY bot_flows_engine ON bot_flows TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON bot_flows TO papo_app;
GRANT SELECT ON bot_flows TO papo_engine;
