DROP FUNCTION set_updated_at();
DROP FUNCTION current_tenant();
