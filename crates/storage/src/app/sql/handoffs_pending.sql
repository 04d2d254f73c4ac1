-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 one handoff ·
-- $6, $7 last row of the page before · $8 limit · $9 the usual worth of a step of priority, in
-- seconds · $10 who they are offered to
-- Each department has a queue of its own, in the order of `routing::arrival` of the domain: a step
-- of priority is worth so much waiting, and no more.
WITH rules AS (
    SELECT coalesce((t.policy ->> 'aging')::int8, $9) AS aging FROM tenants t WHERE t.tenant_id = $1
), pending AS (
    SELECT h.id, h.conversation_id, h.department_id, h.priority, h.reason, h.note, h.requested_by,
           h.requested_by_user_id, h.requested_at,
           coalesce(h.waiting_since, h.requested_at) AS waiting_since,
           coalesce(h.waiting_since, h.requested_at) - make_interval(secs =>
               r.aging * (array_position(ARRAY['low', 'medium', 'high', 'urgent'], h.priority) - 1)
           ) AS arrival
    FROM handoffs h CROSS JOIN rules r
    WHERE h.tenant_id = $1 AND h.status = 'pending'
), placed AS (
    SELECT p.*, row_number() OVER (
        PARTITION BY p.department_id ORDER BY p.arrival, p.id) AS position
    FROM pending p
), seen AS (
    SELECT p.*, c.offered_user_id, c.offer_expires_at, count(*) OVER () AS total FROM placed p
    JOIN conversations c ON c.tenant_id = $1 AND c.id = p.conversation_id
    WHERE ($2 OR c.assigned_user_id = $3
           OR (c.assigned_user_id IS NULL
               AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
      AND ($5::uuid IS NULL OR p.id = $5)
      AND ($10::uuid IS NULL OR c.offered_user_id = $10)
)
SELECT s.id, s.conversation_id, s.department_id, d.name AS department_name, s.priority, s.reason,
       s.note, s.requested_by, s.requested_by_user_id, s.requested_at, s.waiting_since, s.arrival,
       s.offered_user_id, u.full_name AS offered_name, s.offer_expires_at,
       s.position, cu.name AS customer_name, c.peer_value, s.total,
       greatest(0, extract(epoch FROM now() - s.waiting_since))::int8 AS waiting_seconds
FROM seen s
JOIN conversations c ON c.tenant_id = $1 AND c.id = s.conversation_id
JOIN customers cu ON cu.tenant_id = $1 AND cu.id = c.customer_id
LEFT JOIN departments d ON d.tenant_id = $1 AND d.id = s.department_id
LEFT JOIN users u ON u.tenant_id = $1 AND u.id = s.offered_user_id
WHERE $6::timestamptz IS NULL OR (s.arrival, s.id) > ($6, $7)
ORDER BY s.arrival, s.id
LIMIT $8
