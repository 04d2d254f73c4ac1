-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 words · $6 last of the page
-- before · $7 limit · $8 one customer
-- Whoever does not see all sees the customers of the conversations that they see. First the page is
-- made out, in one of four ways, and then what is shown of it.
WITH page AS (
    SELECT $8::uuid AS id WHERE $8 IS NOT NULL
    UNION ALL
    SELECT f.id FROM search_customers($5, $2, $3, $4, $6, $7::int4) f
    WHERE $8 IS NULL AND $5::text IS NOT NULL
    UNION ALL
    (SELECT k.id FROM customers k
     WHERE $8 IS NULL AND $5 IS NULL AND $2
       AND k.tenant_id = $1 AND k.merged_into IS NULL
       AND k.id < coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
     ORDER BY k.id DESC LIMIT $7)
    UNION ALL
    (SELECT DISTINCT c.customer_id FROM conversations c
     WHERE $8 IS NULL AND $5 IS NULL AND NOT $2
       AND c.tenant_id = $1
       AND (c.assigned_user_id = $3
            OR (c.assigned_user_id IS NULL
                AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
       AND c.customer_id < coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
     ORDER BY c.customer_id DESC LIMIT $7)
)
SELECT k.id, k.number, k.name, k.phone, k.email, k.notes, k.metadata, k.merged_into, k.created_at,
       k.updated_at, seen.first_seen_at, seen.last_seen_at, seen.conversations
FROM page p
JOIN customers k ON k.tenant_id = $1 AND k.id = p.id
CROSS JOIN LATERAL (
    SELECT count(*) AS conversations, min(c.created_at) AS first_seen_at,
           max(c.last_inbound_at) AS last_seen_at
    FROM conversations c
    WHERE c.tenant_id = k.tenant_id AND c.customer_id = k.id
      AND ($2 OR c.assigned_user_id = $3
           OR (c.assigned_user_id IS NULL
               AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
) seen
WHERE ($8 IS NOT NULL OR k.merged_into IS NULL)
  AND ($2 OR seen.conversations > 0)
ORDER BY k.id DESC
LIMIT $7
