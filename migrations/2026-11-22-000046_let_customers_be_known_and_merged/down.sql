DROP TABLE customer_attributes;
DROP TABLE customer_merges;
DROP INDEX conversations_customer_idx;
REVOKE UPDATE (customer_id, merges) ON customer_aliases FROM papo_engine;
ALTER TABLE customer_aliases DROP COLUMN merges;
ALTER TABLE customers DROP COLUMN notes, DROP COLUMN merged_into;
