CREATE TABLE customers (
    tenant_id  uuid NOT NULL CONSTRAINT customers_tenant_fk REFERENCES tenants,
    id         uuid NOT NULL,
    number     bigint GENERATED ALWAYS AS IDENTITY,
    name       text,
    phone      text,
    email      text,
    metadata   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE customers IS 'People (and groups) who write to a tenant.';
COMMENT ON COLUMN customers.number IS 'A short number for people to read out.';

CREATE TRIGGER customers_updated_at BEFORE UPDATE ON customers
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
CREATE POLICY customers_app ON customers TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY customers_engine ON customers TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON customers TO papo_app;
GRANT SELECT, INSERT, UPDATE ON customers TO papo_engine;

CREATE TABLE customer_aliases (
    tenant_id   uuid NOT NULL,
    kind        text NOT NULL,
    key         text NOT NULL,
    value       text NOT NULL,
    customer_id uuid NOT NULL,
    CONSTRAINT customer_aliases_pkey PRIMARY KEY (tenant_id, kind, key),
    CONSTRAINT customer_aliases_customer_fk
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE
);
COMMENT ON TABLE customer_aliases IS 'Every name of a customer at the providers.';
COMMENT ON COLUMN customer_aliases.key IS 'What it is found by; spellings of one number share a key.';
COMMENT ON COLUMN customer_aliases.value IS 'As the provider spells it.';

CREATE INDEX customer_aliases_customer_idx ON customer_aliases (tenant_id, customer_id);

ALTER TABLE customer_aliases ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_aliases FORCE ROW LEVEL SECURITY;
CREATE POLICY customer_aliases_app ON customer_aliases TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY customer_aliases_engine ON customer_aliases TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON customer_aliases TO papo_app;
GRANT SELECT, INSERT ON customer_aliases TO papo_engine;
