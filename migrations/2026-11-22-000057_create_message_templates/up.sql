CREATE TABLE message_templates (
    tenant_id  uuid NOT NULL CONSTRAINT message_templates_tenant_fk REFERENCES tenants,
    waba_id    text NOT NULL,
    name       text NOT NULL,
    language   text NOT NULL,
    id         text NOT NULL,
    category   text,
    status     text NOT NULL,
    reason     text,
    components jsonb NOT NULL,
    synced_at  timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT message_templates_pkey PRIMARY KEY (tenant_id, waba_id, name, language)
);
COMMENT ON TABLE message_templates IS 'Message templates of business accounts, as the provider listed them last.';
COMMENT ON COLUMN message_templates.status IS 'As the provider says it; APPROVED ones can be sent.';
COMMENT ON COLUMN message_templates.reason IS 'Why it was rejected, as the provider says it.';

CREATE TRIGGER message_templates_updated_at BEFORE UPDATE OF category, status, reason, components ON message_templates
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE message_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY message_templates_app ON message_templates TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON message_templates TO papo_app;

-- When each account was asked last, whether it has templates or not.
CREATE TABLE template_accounts (
    tenant_id uuid NOT NULL CONSTRAINT template_accounts_tenant_fk REFERENCES tenants,
    waba_id   text NOT NULL,
    synced_at timestamptz NOT NULL,
    CONSTRAINT template_accounts_pkey PRIMARY KEY (tenant_id, waba_id)
);
COMMENT ON TABLE template_accounts IS 'When the templates of a business account were read last.';

ALTER TABLE template_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE template_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY template_accounts_app ON template_accounts TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY template_accounts_engine ON template_accounts TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON template_accounts TO papo_app;
GRANT SELECT ON template_accounts TO papo_engine;
