-- Shared by the tables that follow.

-- The tenant of the running transaction, set by `SET LOCAL app.tenant_id`. NULL outside of a
-- tenant's scope, so that every policy that compares with it hides every row. A setting that
-- was once set and reset reads as '', hence NULLIF.
CREATE FUNCTION current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('app.tenant_id', true), '')::uuid;

CREATE FUNCTION set_updated_at() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF NEW IS DISTINCT FROM OLD THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;
