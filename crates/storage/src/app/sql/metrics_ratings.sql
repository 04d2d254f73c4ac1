-- $1 tenant · $2 from · $3 until · $4 slice · $5 time zone · $6 one of its parts
WITH rated AS (
    SELECT (r.at AT TIME ZONE $5)::date AS day,
           coalesce(CASE $4
               WHEN 'department' THEN r.department_id
               WHEN 'channel' THEN c.channel_id
               WHEN 'attendant' THEN r.user_id
           END, '00000000-0000-0000-0000-000000000000') AS key,
           r.score AS stars
    FROM ratings r
    JOIN conversations c ON c.tenant_id = r.tenant_id AND c.id = r.conversation_id
    WHERE r.tenant_id = $1 AND r.at >= $2 AND r.at < $3
)
SELECT r.day, r.key, r.stars, count(*) AS given
FROM rated r
WHERE $6::uuid IS NULL OR r.key = $6
GROUP BY r.day, r.key, r.stars
