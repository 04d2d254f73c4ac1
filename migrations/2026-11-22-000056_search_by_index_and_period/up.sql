-- A rare word is found by its index at once, of a period only its own blocks are looked through, and
-- the position that a client names costs nothing by itself.
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
    -- One conversation is looked through at once, and so is what is rare: to ask each block would be
    -- dearer.
    rare boolean := only_conversation IS NOT NULL;
    looked integer := 0;
    low integer := 0;
    middle integer;
    began timestamptz;
    hits CONSTANT text :=
        'SELECT f.conversation_id, f.seq, f.block, f.rank, f.id
         FROM (SELECT s.conversation_id, s.seq, s.block + 0 AS block, s.id, ts_rank(s.document, $2) AS rank
               FROM public.message_search s
               JOIN public.conversations c
                 ON c.tenant_id = s.tenant_id AND c.id = s.conversation_id
               WHERE s.tenant_id = $1 AND s.document @@ $2 AND %s
                 AND ($4 OR c.assigned_user_id = $5
                      OR (c.assigned_user_id IS NULL
                          AND (c.department_id IS NULL OR c.department_id = ANY ($6))))
                 AND ($7 IS NULL OR s.conversation_id = $7)
                 AND ($8 IS NULL OR c.customer_id = $8)
                 AND ($9 IS NULL OR c.channel_id = $9)
                 AND ($10 IS NULL OR c.department_id = $10)
                 AND ($11 IS NULL OR c.assigned_user_id = $11)
                 AND ($12 IS NULL OR s.kind = $12)
                 AND ($13 IS NULL OR s.sender = $13)
                 AND ($14 IS NULL OR s.sent_at >= $14)
                 AND ($15 IS NULL OR s.sent_at < $15)) f
         WHERE $18 IS NULL OR f.block < $16 OR (f.rank, f.id) < ($17, $18)
         ORDER BY f.block DESC, f.rank DESC, f.id DESC
         LIMIT $19';
BEGIN
    IF tenant IS NULL OR wanted IS NULL THEN
        RETURN;
    END IF;
    -- The position is the client's word: beyond the last block there is nothing to go through.
    reached := least(after_block, coalesce((SELECT c.indexed / 8192 FROM public.search_counters c
                                            WHERE c.tenant_id = tenant), -1));
    -- Blocks are filled in the order in which messages come. What comes late was sent before others of
    -- its block, a week at most: those that begin later than that after the period are passed over.
    WHILE to_at IS NOT NULL AND low < reached LOOP
        middle := (low + reached + 1) / 2;
        SELECT s.sent_at INTO began FROM public.message_search s
        WHERE s.tenant_id = tenant AND s.block = middle ORDER BY s.id LIMIT 1;
        IF began >= to_at + interval '7 days' THEN
            reached := middle - 1;
        ELSE
            low := middle;
        END IF;
    END LOOP;
    WHILE reached >= 0 AND missing > 0 LOOP
        -- Nothing is sent after it came, but by a clock that runs ahead. The first of the block after
        -- this one came after all of this one; they are not all late.
        EXIT WHEN from_at IS NOT NULL AND looked > 0 AND NOT rare AND (
            SELECT max(f.sent_at) FROM (
                SELECT s.sent_at FROM public.message_search s
                WHERE s.tenant_id = tenant AND s.block = reached + 1 ORDER BY s.id LIMIT 50) f
            ) < from_at - interval '1 day';
        -- What everybody says has filled the page by now.
        IF looked = 2 AND NOT rare THEN
            SELECT count(*) <= 1000 INTO rare
            FROM (SELECT FROM public.message_search s
                  WHERE s.tenant_id = tenant AND s.document @@ wanted LIMIT 1001) few;
        END IF;
        looked := looked + 1;
        RETURN QUERY EXECUTE
            format(hits, CASE WHEN rare THEN 's.block + 0 <= $3' ELSE 's.block = $3' END)
            USING tenant, wanted, reached, sees_all, viewer, own_departments, only_conversation,
                  only_customer, only_channel, only_department, only_assignee, only_kind,
                  only_sender, from_at, to_at, after_block, after_rank, after_id, missing;
        GET DIAGNOSTICS found_here = ROW_COUNT;
        EXIT WHEN rare;
        missing := missing - found_here;
        reached := reached - 1;
    END LOOP;
END
$$;

COMMENT ON COLUMN message_search.block IS
    'Every 8,192 of them. A search for what is not rare goes through blocks from the newest back until it has enough.';
