-- $1 tenant · $2 user · $3 sees all, else those of departments $4 · $5 only unread · $6, $7 last of
-- the page before · $8 limit
-- Words of conversations that the user cannot see any more are not shown.
SELECT n.id, n.kind, n.conversation_id, n.message_seq, n.by_user_id, b.full_name AS by_name, n.at,
       n.read_at, k.name AS customer_name, left(m.text, 200) AS text
FROM notifications n
LEFT JOIN users b ON b.tenant_id = n.tenant_id AND b.id = n.by_user_id
LEFT JOIN conversations c
    ON c.tenant_id = n.tenant_id AND c.id = n.conversation_id
   AND ($3 OR c.assigned_user_id = $2
        OR (c.assigned_user_id IS NULL
            AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
LEFT JOIN customers k ON k.tenant_id = c.tenant_id AND k.id = c.customer_id
LEFT JOIN messages m
    ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.seq = n.message_seq
WHERE n.tenant_id = $1 AND n.user_id = $2
  AND (NOT $5 OR n.read_at IS NULL)
  AND ($6::timestamptz IS NULL OR (n.at, n.id) < ($6, $7))
ORDER BY n.at DESC, n.id DESC
LIMIT $8
