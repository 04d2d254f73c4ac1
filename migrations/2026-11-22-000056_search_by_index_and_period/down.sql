CREATE OR REPLACE FUNCTION search_messages(
    words text, sees_all boolean, viewer uuid, own_departments uuid[], only_conversation uuid,
    only_customer uuid, only_channel uuid, only_department uuid, only_assignee uuid,
    only_kind text, only_sender text, from_at timestamptz, to_at timestamptz,
    after_block integer, after_rank real, after_id bigint, most integer)
    RETURNS TABLE (conversation_id uuid, seq bigint, block integer, rank real, id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off
    AS $$
DECLARE
    tenant uuid := public.current_tenant();
    wanted tsquery := public.search_query(words);
    reached integer;
    missing integer := most;
    found_here integer;
BEGIN
    IF tenant IS NULL OR wanted IS NULL THEN
        RETURN;
    END IF;
    reached := coalesce(after_block, (SELECT c.indexed / 8192 FROM public.search_counters c
                                      WHERE c.tenant_id = tenant));
    WHILE reached >= 0 AND missing > 0 LOOP
        RETURN QUERY
            SELECT f.conversation_id, f.seq, reached, f.rank, f.id
            FROM (SELECT s.conversation_id, s.seq, s.id, ts_rank(s.document, wanted) AS rank
                  FROM public.message_search s
                  JOIN public.conversations c
                    ON c.tenant_id = s.tenant_id AND c.id = s.conversation_id
                  WHERE s.tenant_id = tenant AND s.block = reached AND s.document @@ wanted
                    AND (sees_all OR c.assigned_user_id = viewer
                         OR (c.assigned_user_id IS NULL
                             AND (c.department_id IS NULL
                                  OR c.department_id = ANY (own_departments))))
                    AND (only_conversation IS NULL OR s.conversation_id = only_conversation)
                    AND (only_customer IS NULL OR c.customer_id = only_customer)
                    AND (only_channel IS NULL OR c.channel_id = only_channel)
                    AND (only_department IS NULL OR c.department_id = only_department)
                    AND (only_assignee IS NULL OR c.assigned_user_id = only_assignee)
                    AND (only_kind IS NULL OR s.kind = only_kind)
                    AND (only_sender IS NULL OR s.sender = only_sender)
                    AND (from_at IS NULL OR s.sent_at >= from_at)
                    AND (to_at IS NULL OR s.sent_at < to_at)) f
            WHERE after_id IS NULL OR reached < after_block
               OR (f.rank, f.id) < (after_rank, after_id)
            ORDER BY f.rank DESC, f.id DESC
            LIMIT missing;
        GET DIAGNOSTICS found_here = ROW_COUNT;
        missing := missing - found_here;
        reached := reached - 1;
    END LOOP;
END
$$;
COMMENT ON COLUMN message_search.block IS
    'Every 8,192 of them. A search goes through blocks from the newest back until it has enough, so that a word that everybody uses costs no more than others.';
