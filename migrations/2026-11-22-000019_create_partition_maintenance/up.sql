-- Partitions by day, made ahead and dropped whole. The engine may ask for it; only the owner
-- can do it.

CREATE FUNCTION make_partitions(days_ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    parent text;
    day    date;
    child  text;
    made   integer := 0;
BEGIN
    -- One caller at a time; the others find everything made.
    PERFORM pg_advisory_xact_lock(7270615);
    FOREACH parent IN ARRAY ARRAY['events', 'webhook_deliveries'] LOOP
        FOR offset_days IN 0 .. least(days_ahead, 60) LOOP
            day := (now() AT TIME ZONE 'UTC')::date + offset_days;
            child := parent || '_' || to_char(day, 'YYYYMMDD');
            CONTINUE WHEN to_regclass('public.' || child) IS NOT NULL;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', child, parent);
            -- Rows that came while there was no partition for their day.
            EXECUTE format(
                'WITH moved AS (DELETE FROM public.%I WHERE %I >= $1 AND %I < $2 RETURNING *)
                 INSERT INTO public.%I SELECT * FROM moved',
                parent || '_default', partition_column(parent), partition_column(parent), child)
                USING day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC';
            EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                parent, child,
                day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

CREATE FUNCTION partition_column(parent text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE parent WHEN 'events' THEN 'at' WHEN 'webhook_deliveries' THEN 'received_at' END;

CREATE FUNCTION drop_partitions(parent text, before date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    child   text;
    dropped integer := 0;
BEGIN
    IF partition_column(parent) IS NULL THEN
        RAISE EXCEPTION '% has no partitions by day', parent USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(7270615);
    FOR child IN
        SELECT c.relname FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = ('public.' || quote_ident(parent))::regclass
          AND c.relname ~ ('^' || parent || '_[0-9]{8}$')
          AND to_date(right(c.relname, 8), 'YYYYMMDD') < least(before, (now() AT TIME ZONE 'UTC')::date)
        ORDER BY 1
    LOOP
        IF parent = 'events' THEN
            EXECUTE format(
                'INSERT INTO public.event_heads AS h SELECT tenant_id, max(seq) FROM public.%I GROUP BY 1
                 ON CONFLICT (tenant_id) DO UPDATE SET head = greatest(h.head, excluded.head)', child);
        END IF;
        EXECUTE format('DROP TABLE public.%I', child);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

REVOKE ALL ON FUNCTION make_partitions(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION drop_partitions(text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partitions(integer) TO papo_engine;
GRANT EXECUTE ON FUNCTION drop_partitions(text, date) TO papo_engine;

-- For drop_partitions: forced row-level security holds for the owner as well.
CREATE POLICY event_heads_owner ON event_heads TO papo_owner USING (true) WITH CHECK (true);

SELECT make_partitions(7);
