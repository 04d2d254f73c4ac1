DROP FUNCTION is_served(text, timestamptz);
ALTER TABLE tenants DROP COLUMN plan;
