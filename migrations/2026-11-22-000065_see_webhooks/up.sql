-- Whoever sets a number up sees whether its webhook is.
ALTER TABLE channels
    ADD COLUMN webhook_verified_at  timestamptz,
    ADD COLUMN webhook_delivered_at timestamptz;
COMMENT ON COLUMN channels.webhook_verified_at IS 'When the provider last asked whether the address is ours.';
COMMENT ON COLUMN channels.webhook_delivered_at IS
    'When something last came for it, to the minute: each node notes that once a minute.';
