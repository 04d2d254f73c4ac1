-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 words · $6 last of the page
-- before · $7 limit · $8 one customer
-- Whoever does not see all sees the customers of the conversations that they see.
SELECT k.id, k.number, k.name, k.phone, k.email, k.notes, k.metadata, k.merged_into, k.created_at,
       k.updated_at, seen.first_seen_at, seen.last_seen_at, seen.conversations
FROM customers k
CROSS JOIN LATERAL (
    SELECT count(*) AS conversations, min(c.created_at) AS first_seen_at,
           max(c.last_inbound_at) AS last_seen_at
    FROM conversations c
    WHERE c.tenant_id = k.tenant_id AND c.customer_id = k.id
      AND ($2 OR c.assigned_user_id = $3
           OR (c.assigned_user_id IS NULL
               AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
) seen
WHERE k.tenant_id = $1
  AND ($8::uuid IS NULL OR k.id = $8)
  AND ($8::uuid IS NOT NULL OR k.merged_into IS NULL)
  AND ($2 OR seen.conversations > 0)
  AND ($5::text IS NULL OR k.id IN (SELECT f.id FROM search_customers($5, 1000) f))
  AND ($6::uuid IS NULL OR k.id < $6)
ORDER BY k.id DESC
LIMIT $7
