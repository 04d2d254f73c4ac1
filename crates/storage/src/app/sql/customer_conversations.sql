-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 customer · $6 limit
SELECT c.id, c.channel_id, ch.name AS channel_name, c.peer_value AS address, c.status, c.mode,
       c.assigned_user_id, u.full_name AS assigned_name, c.department_id,
       d.name AS department_name, c.last_seq, c.unread_count, c.last_message_at, c.created_at
FROM conversations c
JOIN channels ch ON ch.tenant_id = c.tenant_id AND ch.id = c.channel_id
LEFT JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.assigned_user_id
LEFT JOIN departments d ON d.tenant_id = c.tenant_id AND d.id = c.department_id
WHERE c.tenant_id = $1 AND c.customer_id = $5
  AND ($2 OR c.assigned_user_id = $3
       OR (c.assigned_user_id IS NULL
           AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
ORDER BY c.last_message_at DESC NULLS LAST, c.id
LIMIT $6
