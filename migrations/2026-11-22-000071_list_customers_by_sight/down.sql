CREATE INDEX conversations_customer_idx ON conversations (tenant_id, customer_id);
DROP INDEX conversations_customer_sight_idx;
