ALTER TABLE channels DROP COLUMN webhook_verified_at, DROP COLUMN webhook_delivered_at;
