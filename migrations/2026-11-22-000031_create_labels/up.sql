CREATE TABLE labels (
    tenant_id  uuid NOT NULL CONSTRAINT labels_tenant_fk REFERENCES tenants,
    id         uuid NOT NULL,
    name       text NOT NULL,
    colour     text NOT NULL CONSTRAINT labels_colour_known CHECK (colour ~ '^#[0-9a-f]{6}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT labels_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE labels IS 'What a tenant sorts its conversations by.';

CREATE UNIQUE INDEX labels_name_unique ON labels (tenant_id, lower(name));

CREATE TRIGGER labels_updated_at BEFORE UPDATE ON labels
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE labels ENABLE ROW LEVEL SECURITY;
ALTER TABLE labels FORCE ROW LEVEL SECURITY;
CREATE POLICY labels_app ON labels TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY labels_engine ON labels FOR SELECT TO papo_engine USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON labels TO papo_app;
GRANT SELECT ON labels TO papo_engine;

CREATE TABLE conversation_labels (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    label_id        uuid NOT NULL,
    CONSTRAINT conversation_labels_pkey PRIMARY KEY (tenant_id, conversation_id, label_id),
    CONSTRAINT conversation_labels_conversation_fk
        FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations ON DELETE CASCADE,
    CONSTRAINT conversation_labels_label_fk
        FOREIGN KEY (tenant_id, label_id) REFERENCES labels ON DELETE CASCADE
);
COMMENT ON TABLE conversation_labels IS 'Written by the state lane only, and with the label it goes.';

CREATE INDEX conversation_labels_label_idx ON conversation_labels (tenant_id, label_id, conversation_id);

ALTER TABLE conversation_labels ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_labels FORCE ROW LEVEL SECURITY;
CREATE POLICY conversation_labels_app ON conversation_labels TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY conversation_labels_engine ON conversation_labels TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON conversation_labels TO papo_app;
GRANT SELECT, INSERT, DELETE ON conversation_labels TO papo_engine;
