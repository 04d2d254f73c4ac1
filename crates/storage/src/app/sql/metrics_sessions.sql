-- $1 tenant · $2 from · $3 until · $4 grouped by · $5 time zone · $6 department · $7 channel ·
-- $8 attendant
-- Sessions that were opened in the period. A wait is counted where it has ended; an answer, from the
-- first request or, where nobody was asked for, from the takeover.
WITH chosen AS (
    SELECT CASE $4
               WHEN 'day' THEN ((s.opened_at AT TIME ZONE $5)::date)::text
               WHEN 'department' THEN s.department_id::text
               WHEN 'channel' THEN s.channel_id::text
               WHEN 'attendant' THEN s.last_user_id::text
           END AS key,
           s.*,
           extract(epoch FROM s.taken_at - s.asked_at)::float8 AS waiting,
           extract(epoch FROM s.answered_at - least(s.asked_at, s.taken_at))::float8 AS first_answer,
           extract(epoch FROM s.ended_at - s.opened_at)::float8 AS duration
    FROM service_sessions s
    WHERE s.tenant_id = $1 AND s.opened_at >= $2 AND s.opened_at < $3
      AND ($6::uuid IS NULL OR s.department_id = $6)
      AND ($7::uuid IS NULL OR s.channel_id = $7)
      AND ($8::uuid IS NULL OR s.last_user_id = $8)
)
SELECT c.key,
       count(*) AS sessions,
       count(c.ended_at) AS ended,
       count(*) FILTER (WHERE c.end_reason IN ('staff', 'flow')) AS resolved,
       count(*) FILTER (WHERE c.ended_at IS NOT NULL AND c.asked_at IS NULL
                          AND c.taken_at IS NULL) AS contained,
       count(c.asked_at) AS handoffs,
       coalesce(sum(c.transfers), 0)::int8 AS transfers,
       coalesce(sum(c.inbound), 0)::int8 AS inbound,
       coalesce(sum(c.bot), 0)::int8 AS bot,
       coalesce(sum(c.staff), 0)::int8 AS staff,
       count(*) FILTER (WHERE c.waiting >= 0) AS waited,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY c.waiting)
           FILTER (WHERE c.waiting >= 0) AS waiting,
       count(*) FILTER (WHERE c.first_answer >= 0) AS answered,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY c.first_answer)
           FILTER (WHERE c.first_answer >= 0) AS first_answer,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY c.duration)
           FILTER (WHERE c.duration >= 0) AS duration
FROM chosen c
GROUP BY c.key
ORDER BY c.key
