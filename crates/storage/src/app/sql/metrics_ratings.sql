-- $1 tenant · $2 from · $3 until · $4 slice · $5 time zone · $6 one of its parts
WITH rated AS (
    SELECT (h.completed_at AT TIME ZONE $5)::date AS day,
           coalesce(CASE $4
               WHEN 'department' THEN h.department_id
               WHEN 'channel' THEN c.channel_id
               WHEN 'attendant' THEN h.assigned_user_id
           END, '00000000-0000-0000-0000-000000000000') AS key,
           h.customer_satisfaction AS stars
    FROM handoffs h
    JOIN conversations c ON c.tenant_id = h.tenant_id AND c.id = h.conversation_id
    WHERE h.tenant_id = $1 AND h.completed_at >= $2 AND h.completed_at < $3
      AND h.customer_satisfaction IS NOT NULL
)
SELECT r.day, r.key, r.stars, count(*) AS given
FROM rated r
WHERE $6::uuid IS NULL OR r.key = $6
GROUP BY r.day, r.key, r.stars
