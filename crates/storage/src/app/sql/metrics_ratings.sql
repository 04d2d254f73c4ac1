-- $1 tenant · $2 from · $3 until · $4 grouped by · $5 time zone · $6 department · $7 channel ·
-- $8 attendant
-- What customers said of requests that were completed in the period.
SELECT CASE $4
           WHEN 'day' THEN ((h.completed_at AT TIME ZONE $5)::date)::text
           WHEN 'department' THEN h.department_id::text
           WHEN 'channel' THEN c.channel_id::text
           WHEN 'attendant' THEN h.assigned_user_id::text
       END AS key,
       h.customer_satisfaction AS stars,
       count(*) AS given
FROM handoffs h
JOIN conversations c ON c.tenant_id = h.tenant_id AND c.id = h.conversation_id
WHERE h.tenant_id = $1 AND h.completed_at >= $2 AND h.completed_at < $3
  AND h.customer_satisfaction IS NOT NULL
  AND ($6::uuid IS NULL OR h.department_id = $6)
  AND ($7::uuid IS NULL OR c.channel_id = $7)
  AND ($8::uuid IS NULL OR h.assigned_user_id = $8)
GROUP BY 1, 2
