-- A customer has the numbers of all aliases: of records that were merged, of earlier days, and those
-- that the provider told later than the first message.
CREATE FUNCTION number_document(number text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN number ~ '^[0-9]{5,}$'
           THEN array_to_tsvector(ARRAY['n' || number, 'n' || substr(number, 3),
                                        'n' || substr(number, 5), 'r' || reverse(number)])
           ELSE ''::tsvector END;

CREATE INDEX customer_aliases_number_idx ON customer_aliases
    USING gin (tenant_id, number_document(value)) WHERE kind = 'wa_id';
-- For search_customers.
CREATE POLICY customer_aliases_lookup ON customer_aliases FOR SELECT TO papo_owner USING (true);

-- As before, but digits alone are looked for in all numbers. Beside other words it is the number of
-- the record itself.
CREATE OR REPLACE FUNCTION search_customers(
    words text, sees_all boolean, viewer uuid, own_departments uuid[], after_id uuid, most integer)
    RETURNS TABLE (id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off
    AS $$
DECLARE
    tenant uuid := public.current_tenant();
    word text;
    one tsquery;
    wanted tsquery;
    frequent boolean;
    digits text := regexp_replace(words, '[^0-9]', '', 'g');
    numbers boolean := words ~ '^[-+() .0-9]+$' AND digits <> '';
BEGIN
    IF numbers THEN
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
    IF sees_all THEN
        RETURN QUERY
            SELECT f.id
            FROM (SELECT k.id FROM public.customers k
                  WHERE NOT numbers AND k.tenant_id = tenant AND k.merged_into IS NULL
                    AND public.customer_document(k.name, k.email, k.phone) @@ wanted
                  UNION
                  SELECT a.customer_id FROM public.customer_aliases a
                  WHERE numbers AND a.tenant_id = tenant AND a.kind = 'wa_id'
                    AND public.number_document(a.value) @@ wanted) f
            WHERE after_id IS NULL OR f.id < after_id
            ORDER BY f.id DESC
            LIMIT most;
        RETURN;
    END IF;
    SELECT count(*) > 1000 INTO frequent
    FROM (SELECT FROM public.customers k
          WHERE NOT numbers AND k.tenant_id = tenant
            AND public.customer_document(k.name, k.email, k.phone) @@ wanted
          UNION ALL
          SELECT FROM public.customer_aliases a
          WHERE numbers AND a.tenant_id = tenant AND a.kind = 'wa_id'
            AND public.number_document(a.value) @@ wanted
          LIMIT 1001) few;
    -- Either the few that fit are asked whether they are seen, or those that are seen, newest first,
    -- whether they fit, until there are enough.
    IF frequent THEN
        RETURN QUERY
            SELECT v.customer_id
            FROM (SELECT DISTINCT c.customer_id FROM public.conversations c
                  WHERE c.tenant_id = tenant
                    AND c.customer_id < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                    AND (c.assigned_user_id = viewer
                         OR (c.assigned_user_id IS NULL
                             AND (c.department_id IS NULL
                                  OR c.department_id = ANY (own_departments))))
                  ORDER BY c.customer_id DESC OFFSET 0) v
            WHERE CASE WHEN numbers
                  THEN EXISTS (SELECT FROM public.customer_aliases a
                               WHERE a.tenant_id = tenant AND a.customer_id = v.customer_id
                                 AND a.kind = 'wa_id'
                                 AND public.number_document(a.value) @@ wanted)
                  ELSE EXISTS (SELECT FROM public.customers k
                               WHERE k.tenant_id = tenant AND k.id = v.customer_id
                                 AND k.merged_into IS NULL
                                 AND public.customer_document(k.name, k.email, k.phone) @@ wanted)
                  END
            ORDER BY v.customer_id DESC
            LIMIT most;
    ELSE
        RETURN QUERY
            SELECT f.id
            FROM (SELECT k.id FROM public.customers k
                  WHERE NOT numbers AND k.tenant_id = tenant AND k.merged_into IS NULL
                    AND public.customer_document(k.name, k.email, k.phone) @@ wanted
                  UNION
                  SELECT a.customer_id FROM public.customer_aliases a
                  WHERE numbers AND a.tenant_id = tenant AND a.kind = 'wa_id'
                    AND public.number_document(a.value) @@ wanted) f
            WHERE (after_id IS NULL OR f.id < after_id)
              AND EXISTS (SELECT FROM public.conversations c
                          WHERE c.tenant_id = tenant AND c.customer_id = f.id
                            AND (c.assigned_user_id = viewer
                                 OR (c.assigned_user_id IS NULL
                                     AND (c.department_id IS NULL
                                          OR c.department_id = ANY (own_departments)))))
            ORDER BY f.id DESC
            LIMIT most;
    END IF;
END
$$;
