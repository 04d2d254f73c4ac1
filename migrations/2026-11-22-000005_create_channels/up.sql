CREATE TABLE channels (
    tenant_id             uuid NOT NULL CONSTRAINT channels_tenant_fk REFERENCES tenants,
    id                    uuid NOT NULL,
    driver                text NOT NULL DEFAULT 'meta'
        CONSTRAINT channels_driver_known CHECK (driver IN ('meta', 'uaz')),
    name                  text NOT NULL,
    phone_number_id       text,
    waba_id               text,
    display_phone         text,
    access_token_enc      bytea,
    app_secret_enc        bytea,
    verify_token_hash     bytea,
    throughput_per_second integer NOT NULL DEFAULT 80
        CONSTRAINT channels_throughput_range CHECK (throughput_per_second BETWEEN 1 AND 1000),
    health                text NOT NULL DEFAULT 'green'
        CONSTRAINT channels_health_known CHECK (health IN ('green', 'yellow', 'red')),
    health_code           bigint,
    health_detail         text,
    health_at             timestamptz,
    is_active             boolean NOT NULL DEFAULT true,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channels_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT channels_phone_number_id_unique UNIQUE (phone_number_id)
);
COMMENT ON TABLE channels IS 'One phone number of one tenant at one provider.';
COMMENT ON COLUMN channels.phone_number_id IS 'The provider''s id of the number; one tenant only.';
COMMENT ON COLUMN channels.access_token_enc IS 'Encrypted; never leaves the server.';
COMMENT ON COLUMN channels.app_secret_enc IS 'Encrypted; signs the provider''s webhooks.';
COMMENT ON COLUMN channels.verify_token_hash IS 'SHA-256 of the webhook verification token.';

CREATE INDEX channels_waba_idx ON channels (waba_id) WHERE waba_id IS NOT NULL;
CREATE INDEX channels_verify_token_idx ON channels (verify_token_hash) WHERE verify_token_hash IS NOT NULL;

CREATE TRIGGER channels_updated_at BEFORE UPDATE ON channels
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE channels FORCE ROW LEVEL SECURITY;
CREATE POLICY channels_app ON channels TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY channels_engine ON channels TO papo_engine USING (true) WITH CHECK (true);
-- For find_channels and find_channel_by_verify_token.
CREATE POLICY channels_lookup ON channels FOR SELECT TO papo_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON channels TO papo_app;
GRANT SELECT, UPDATE (health, health_code, health_detail, health_at) ON channels TO papo_engine;

-- A webhook names numbers and accounts; whose they are is looked up before there is a tenant.
CREATE FUNCTION find_channels(phone_number_ids text[], waba_ids text[])
    RETURNS TABLE (tenant_id uuid, channel_id uuid, driver text, phone_number_id text,
                   waba_id text, app_secret_enc bytea, is_active boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT c.tenant_id, c.id, c.driver, c.phone_number_id, c.waba_id, c.app_secret_enc, c.is_active
    FROM public.channels c WHERE c.phone_number_id = ANY (phone_number_ids)
    UNION
    SELECT c.tenant_id, c.id, c.driver, c.phone_number_id, c.waba_id, c.app_secret_enc, c.is_active
    FROM public.channels c WHERE c.waba_id = ANY (waba_ids)
$$;
REVOKE ALL ON FUNCTION find_channels(text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_channels(text[], text[]) TO papo_app;

CREATE FUNCTION find_channel_by_verify_token(token_hash bytea)
    RETURNS TABLE (tenant_id uuid, channel_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT c.tenant_id, c.id FROM public.channels c
    WHERE c.verify_token_hash = token_hash AND c.is_active
$$;
REVOKE ALL ON FUNCTION find_channel_by_verify_token(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_channel_by_verify_token(bytea) TO papo_app;
