CREATE TABLE webhook_deliveries (
    received_at timestamptz NOT NULL DEFAULT now(),
    tenant_ids  uuid[] NOT NULL,
    body        bytea NOT NULL
) PARTITION BY RANGE (received_at);
COMMENT ON TABLE webhook_deliveries IS
    'Raw bodies as they came, for diagnosis and repair. Written by the inbox lane, dropped whole by the day, read by the owner only.';

CREATE TABLE webhook_deliveries_default PARTITION OF webhook_deliveries DEFAULT;

GRANT INSERT ON webhook_deliveries TO papo_engine;
