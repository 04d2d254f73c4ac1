-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 customer · $6, $7 last of the
-- page before · $8 limit
-- Requests for a person and changes of control, of the conversations that are seen.
WITH own AS MATERIALIZED (
    SELECT c.id FROM conversations c
    WHERE c.tenant_id = $1 AND c.customer_id = $5
      AND ($2 OR c.assigned_user_id = $3
           OR (c.assigned_user_id IS NULL
               AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
)
SELECT e.*, f.full_name AS from_name, t.full_name AS to_name, d.name AS department_name
FROM (SELECT x.at, 'transfer:' || x.id AS id, x.conversation_id, x.kind,
             x.from_kind, x.from_user_id, x.to_kind, x.to_user_id, x.department_id, x.note,
             NULL AS status, NULL AS priority, NULL AS resolution, NULL::smallint AS satisfaction,
             NULL::timestamptz AS ended_at
      FROM own JOIN conversation_transfers x ON x.tenant_id = $1 AND x.conversation_id = own.id
      UNION ALL
      SELECT h.requested_at, 'handoff:' || h.id, h.conversation_id, 'handoff',
             h.requested_by, h.requested_by_user_id, h.assigned_to, h.assigned_user_id,
             h.department_id, h.note, h.status, h.priority, h.resolution,
             h.customer_satisfaction, coalesce(h.completed_at, h.cancelled_at)
      FROM own JOIN handoffs h ON h.tenant_id = $1 AND h.conversation_id = own.id) e
LEFT JOIN users f ON f.tenant_id = $1 AND f.id = e.from_user_id
LEFT JOIN users t ON t.tenant_id = $1 AND t.id = e.to_user_id
LEFT JOIN departments d ON d.tenant_id = $1 AND d.id = e.department_id
WHERE $6::timestamptz IS NULL OR (e.at, e.id) < ($6, $7)
ORDER BY e.at DESC, e.id DESC
LIMIT $8
