-- Full-text search. Words are looked for by their Portuguese stems, with accents and without them.
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TEXT SEARCH CONFIGURATION plain_portuguese (COPY = portuguese);
ALTER TEXT SEARCH CONFIGURATION plain_portuguese
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, portuguese_stem;
-- For names, which have no stems.
CREATE TEXT SEARCH CONFIGURATION plain_simple (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain_simple
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;

-- Both forms: what is typed without accents finds what was written with them, and the endings that
-- only the accented form is known by (-ção, -ções) still have one stem.
CREATE FUNCTION search_document(words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_tsvector('public.plain_portuguese'::regconfig, words)
        || to_tsvector('pg_catalog.portuguese'::regconfig, words);

-- All of the first 16 words; NULL if there is nothing to look for.
CREATE FUNCTION search_query(words text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    word text;
    one tsquery;
    wanted tsquery;
BEGIN
    FOR word IN SELECT w FROM regexp_split_to_table(btrim(words), '\s+') AS w LIMIT 16 LOOP
        one := plainto_tsquery('public.plain_portuguese', word)
            || plainto_tsquery('pg_catalog.portuguese', word);
        IF numnode(one) > 0 THEN
            wanted := CASE WHEN wanted IS NULL THEN one ELSE wanted && one END;
        END IF;
    END LOOP;
    RETURN wanted;
END
$$;

CREATE TABLE search_counters (
    tenant_id uuid PRIMARY KEY CONSTRAINT search_counters_tenant_fk REFERENCES tenants,
    indexed   bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE search_counters IS 'How many messages of each tenant were numbered in message_search.';

ALTER TABLE search_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_counters FORCE ROW LEVEL SECURITY;
CREATE POLICY search_counters_engine ON search_counters TO papo_engine USING (true) WITH CHECK (true);
-- For search_messages.
CREATE POLICY search_counters_lookup ON search_counters FOR SELECT TO papo_owner USING (true);
GRANT SELECT, INSERT, UPDATE ON search_counters TO papo_engine;

CREATE TABLE message_search (
    tenant_id       uuid NOT NULL,
    block           integer NOT NULL,
    id              bigint NOT NULL,
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL,
    kind            text NOT NULL,
    sender          text NOT NULL,
    sender_user_id  uuid,
    sent_at         timestamptz NOT NULL,
    document        tsvector NOT NULL,
    CONSTRAINT message_search_pkey PRIMARY KEY (tenant_id, block, id),
    CONSTRAINT message_search_message_unique UNIQUE (tenant_id, conversation_id, seq)
);
COMMENT ON TABLE message_search IS
    'The words of messages as they are searched. Filled by a follower of the stream; whatever rewrites or deletes a message takes them along.';
COMMENT ON COLUMN message_search.id IS 'Counts the tenant''s messages, oldest first.';
COMMENT ON COLUMN message_search.block IS
    'Every 8,192 of them. A search goes through blocks from the newest back until it has enough, so that a word that everybody uses costs no more than others.';

CREATE INDEX message_search_document_idx ON message_search USING gin (tenant_id, block, document);

ALTER TABLE message_search ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_search FORCE ROW LEVEL SECURITY;
CREATE POLICY message_search_engine ON message_search TO papo_engine USING (true) WITH CHECK (true);
-- For search_messages and follow_message.
CREATE POLICY message_search_lookup ON message_search TO papo_owner USING (true) WITH CHECK (true);
CREATE POLICY conversations_lookup ON conversations FOR SELECT TO papo_owner USING (true);
GRANT SELECT, INSERT, DELETE ON message_search TO papo_engine;

-- Nothing that compares a tenant by row-level security can use an index of words: the planner
-- fears that comparing words could tell of rows before they are hidden. So this asks by itself,
-- for the tenant of the running transaction and for no other.
CREATE FUNCTION search_messages(
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
REVOKE ALL ON FUNCTION search_messages(text, boolean, uuid, uuid[], uuid, uuid, uuid, uuid, uuid, text,
    text, timestamptz, timestamptz, integer, real, bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_messages(text, boolean, uuid, uuid[], uuid, uuid, uuid, uuid, uuid,
    text, text, timestamptz, timestamptz, integer, real, bigint, integer) TO papo_app;

-- What is erased or worded anew is so in the search at the same moment.
CREATE FUNCTION follow_message() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.text <> '' THEN
        UPDATE public.message_search SET document = public.search_document(NEW.text)
        WHERE tenant_id = OLD.tenant_id AND conversation_id = OLD.conversation_id AND seq = OLD.seq;
    ELSE
        DELETE FROM public.message_search
        WHERE tenant_id = OLD.tenant_id AND conversation_id = OLD.conversation_id AND seq = OLD.seq;
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION follow_message() FROM PUBLIC;
CREATE TRIGGER messages_search AFTER DELETE OR UPDATE OF text ON messages
    FOR EACH ROW EXECUTE FUNCTION follow_message();

-- Customers by name and address, and by how their number begins (with or without country and
-- area) or ends.
CREATE FUNCTION customer_document(name text, email text, phone text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('public.plain_simple'::regconfig,
               regexp_replace(concat_ws(' ', name, email), '[^[:alnum:]]+', ' ', 'g'))
        || CASE WHEN phone ~ '^[0-9]{5,}$'
           THEN array_to_tsvector(ARRAY['n' || phone, 'n' || substr(phone, 3),
                                        'n' || substr(phone, 5), 'r' || reverse(phone)])
           ELSE '' END;

CREATE INDEX customers_search_idx ON customers
    USING gin (tenant_id, customer_document(name, email, phone));
-- For search_customers.
CREATE POLICY customers_lookup ON customers FOR SELECT TO papo_owner USING (true);

-- Every word begins a word of name or address, or every digit is of the number.
CREATE FUNCTION search_customers(words text, most integer) RETURNS TABLE (id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off
    AS $$
DECLARE
    tenant uuid := public.current_tenant();
    word text;
    one tsquery;
    wanted tsquery;
    digits text := regexp_replace(words, '[^0-9]', '', 'g');
BEGIN
    IF words ~ '^[-+() .0-9]+$' AND digits <> '' THEN
        wanted := to_tsquery('simple', 'n' || digits || ':* | r' || reverse(digits) || ':*');
    ELSE
        FOR word IN
            SELECT w FROM regexp_split_to_table(
                btrim(regexp_replace(words, '[^[:alnum:]]+', ' ', 'g')), ' ') AS w
            WHERE w <> '' LIMIT 8
        LOOP
            one := to_tsquery('public.plain_simple', word || ':*');
            IF word ~ '^[0-9]+$' THEN
                one := one || to_tsquery('simple', 'n' || word || ':* | r' || reverse(word) || ':*');
            END IF;
            wanted := CASE WHEN wanted IS NULL THEN one ELSE wanted && one END;
        END LOOP;
    END IF;
    IF tenant IS NULL OR wanted IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT k.id FROM public.customers k
        WHERE k.tenant_id = tenant
          AND public.customer_document(k.name, k.email, k.phone) @@ wanted
        ORDER BY k.id DESC
        LIMIT most;
END
$$;
REVOKE ALL ON FUNCTION search_customers(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_customers(text, integer) TO papo_app;
