-- A plan that is kept for all calls locks and opens every day of events before it knows which of
-- them are asked for. Here the bound is known when the plan is made: only the days from `since` on
-- are touched, as few as there are.

CREATE FUNCTION stream_head(tenant uuid, since timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    newest bigint;
BEGIN
    EXECUTE 'SELECT seq FROM public.events WHERE tenant_id = $1 AND at >= $2
             ORDER BY seq DESC LIMIT 1'
        INTO newest USING tenant, since;
    RETURN newest;
END
$$;

CREATE FUNCTION stream_after(tenant uuid, after bigint, since timestamptz, most bigint)
    RETURNS SETOF events
    LANGUAGE plpgsql STABLE ROWS 100
    AS $$
BEGIN
    RETURN QUERY EXECUTE
        'SELECT * FROM public.events WHERE tenant_id = $1 AND seq > $2 AND at >= $3
         ORDER BY seq LIMIT $4'
        USING tenant, after, since, most;
END
$$;

REVOKE ALL ON FUNCTION stream_head(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION stream_after(uuid, bigint, timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stream_head(uuid, timestamptz) TO papo_engine;
GRANT EXECUTE ON FUNCTION stream_after(uuid, bigint, timestamptz, bigint) TO papo_engine;
