-- What staff knows of customers, and two records of one person becoming one.
ALTER TABLE customers
    ADD COLUMN notes       text,
    ADD COLUMN merged_into uuid;
COMMENT ON COLUMN customers.metadata IS 'Values of the tenant''s own attributes, by their keys.';
COMMENT ON COLUMN customers.merged_into IS
    'The customer whose record this one became part of. Its own values stay, for the way back.';

ALTER TABLE customer_aliases ADD COLUMN merges uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN customer_aliases.merges IS 'The merges that brought the name to its customer.';
GRANT UPDATE (customer_id, merges) ON customer_aliases TO papo_engine;

CREATE INDEX conversations_customer_idx ON conversations (tenant_id, customer_id);

CREATE TABLE customer_merges (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    source_id     uuid NOT NULL,
    target_id     uuid NOT NULL,
    by_user_id    uuid NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    conversations uuid[] NOT NULL,
    filled        text[] NOT NULL,
    undone_by     uuid,
    undone_at     timestamptz,
    CONSTRAINT customer_merges_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_merges_source_fk FOREIGN KEY (tenant_id, source_id) REFERENCES customers,
    CONSTRAINT customer_merges_target_fk FOREIGN KEY (tenant_id, target_id) REFERENCES customers
);
COMMENT ON TABLE customer_merges IS
    'What is needed to undo a merge: ids and names of fields, no words. Written by the state lane only.';
COMMENT ON COLUMN customer_merges.conversations IS 'Those that went from the source to the target.';
COMMENT ON COLUMN customer_merges.filled IS 'Fields of the target that took the source''s value.';

CREATE INDEX customer_merges_target_idx ON customer_merges (tenant_id, target_id);

ALTER TABLE customer_merges ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_merges FORCE ROW LEVEL SECURITY;
CREATE POLICY customer_merges_app ON customer_merges TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY customer_merges_engine ON customer_merges TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON customer_merges TO papo_app;
GRANT SELECT, INSERT, UPDATE ON customer_merges TO papo_engine;

CREATE TABLE customer_attributes (
    tenant_id  uuid NOT NULL CONSTRAINT customer_attributes_tenant_fk REFERENCES tenants,
    key        text NOT NULL
        CONSTRAINT customer_attributes_key_shape CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    label      text NOT NULL,
    kind       text NOT NULL
        CONSTRAINT customer_attributes_kind_known
        CHECK (kind IN ('text', 'number', 'date', 'boolean', 'choice')),
    choices    jsonb NOT NULL DEFAULT '[]',
    position   integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_attributes_pkey PRIMARY KEY (tenant_id, key)
);
COMMENT ON TABLE customer_attributes IS 'What a tenant wants to know of its customers.';
COMMENT ON COLUMN customer_attributes.choices IS 'What may be chosen, if the kind is choice.';

CREATE TRIGGER customer_attributes_updated_at BEFORE UPDATE ON customer_attributes
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE customer_attributes ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_attributes FORCE ROW LEVEL SECURITY;
CREATE POLICY customer_attributes_app ON customer_attributes TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_attributes TO papo_app;
