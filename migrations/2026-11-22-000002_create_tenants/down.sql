DROP FUNCTION find_tenant(text);
DROP TABLE tenants;
