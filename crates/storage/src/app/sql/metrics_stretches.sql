-- $1 tenant · $2 from · $3 until · $4 grouped by · $5 time zone · $6 department · $7 channel ·
-- $8 attendant
-- Stretches that began in the period; handling is counted where it has ended.
WITH chosen AS (
    SELECT CASE $4
               WHEN 'day' THEN ((s.began_at AT TIME ZONE $5)::date)::text
               WHEN 'department' THEN s.department_id::text
               WHEN 'channel' THEN s.channel_id::text
               WHEN 'attendant' THEN s.user_id::text
           END AS key,
           s.*,
           extract(epoch FROM s.ended_at - s.began_at)::float8 AS handling,
           extract(epoch FROM s.answered_at - s.began_at)::float8 AS answer
    FROM attendance_stretches s
    WHERE s.tenant_id = $1 AND s.began_at >= $2 AND s.began_at < $3
      AND ($6::uuid IS NULL OR s.department_id = $6)
      AND ($7::uuid IS NULL OR s.channel_id = $7)
      AND ($8::uuid IS NULL OR s.user_id = $8)
)
SELECT c.key,
       count(*) AS attended,
       count(c.ended_at) AS handled,
       count(*) FILTER (WHERE c.end_kind = 'closed') AS closed,
       count(*) FILTER (WHERE c.end_kind IN ('transferred', 'requeued')) AS handed_on,
       coalesce(sum(c.sent), 0)::int8 AS sent,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY c.handling)
           FILTER (WHERE c.handling >= 0) AS handling,
       count(*) FILTER (WHERE c.answer >= 0) AS answered,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY c.answer)
           FILTER (WHERE c.answer >= 0) AS answer
FROM chosen c
GROUP BY c.key
ORDER BY c.key
