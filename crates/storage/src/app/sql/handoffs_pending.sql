-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 one handoff ·
-- $6, $7, $8 last row of the page before · $9 limit
-- Each department has a queue of its own: the urgent first, then who waits the longest.
WITH pending AS (
    SELECT h.id, h.conversation_id, h.department_id, h.priority, h.reason, h.note, h.requested_by,
           h.requested_by_user_id, h.requested_at,
           array_position(ARRAY['urgent', 'high', 'medium', 'low'], h.priority) AS rank,
           row_number() OVER (
               PARTITION BY h.department_id
               ORDER BY array_position(ARRAY['urgent', 'high', 'medium', 'low'], h.priority),
                        h.requested_at, h.id) AS position
    FROM handoffs h
    WHERE h.tenant_id = $1 AND h.status = 'pending'
), seen AS (
    SELECT p.*, count(*) OVER () AS total FROM pending p
    JOIN conversations c ON c.tenant_id = $1 AND c.id = p.conversation_id
    WHERE ($2 OR c.assigned_user_id = $3
           OR (c.assigned_user_id IS NULL
               AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
      AND ($5::uuid IS NULL OR p.id = $5)
)
SELECT s.id, s.conversation_id, s.department_id, d.name AS department_name, s.priority, s.reason,
       s.note, s.requested_by, s.requested_by_user_id, s.requested_at, s.rank::int4 AS rank,
       s.position, cu.name AS customer_name, c.peer_value, s.total,
       greatest(0, extract(epoch FROM now() - s.requested_at))::int8 AS waiting_seconds
FROM seen s
JOIN conversations c ON c.tenant_id = $1 AND c.id = s.conversation_id
JOIN customers cu ON cu.tenant_id = $1 AND cu.id = c.customer_id
LEFT JOIN departments d ON d.tenant_id = $1 AND d.id = s.department_id
WHERE $6::int4 IS NULL OR (s.rank, s.requested_at, s.id) > ($6, $7, $8)
ORDER BY s.rank, s.requested_at, s.id
LIMIT $9
