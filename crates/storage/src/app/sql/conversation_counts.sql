-- $1 tenant · $2 sees all, else $3 its user with departments $4
-- Of each department, and of none: what goes on, as far as the user sees it. What is out of the way
-- counts as that alone, unless its customer waits.
SELECT c.department_id, d.name AS department_name,
       count(*) FILTER (WHERE c.mode = 'bot' AND s.here) AS bot,
       count(*) FILTER (WHERE c.mode = 'waiting') AS waiting,
       count(*) FILTER (WHERE c.mode = 'human' AND s.here) AS human,
       count(*) FILTER (WHERE c.assigned_user_id = $3 AND s.here) AS mine,
       count(*) FILTER (WHERE c.assigned_user_id IS NULL AND s.here) AS unassigned,
       count(*) FILTER (WHERE c.unread_count > 0 AND s.here) AS unread,
       count(*) FILTER (WHERE c.assigned_user_id = $3 AND c.unread_count > 0 AND s.here) AS mine_unread,
       count(*) FILTER (WHERE c.snoozed_until IS NOT NULL) AS snoozed
FROM conversations c
CROSS JOIN LATERAL (SELECT c.snoozed_until IS NULL OR c.mode = 'waiting' AS here) s
LEFT JOIN departments d ON d.tenant_id = c.tenant_id AND d.id = c.department_id
WHERE c.tenant_id = $1 AND c.mode <> 'closed' AND c.last_message_at IS NOT NULL
  AND ($2 OR c.assigned_user_id = $3
       OR (c.assigned_user_id IS NULL AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
GROUP BY c.department_id, d.name, d.position
ORDER BY d.position, d.name, c.department_id
