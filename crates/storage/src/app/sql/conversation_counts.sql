-- $1 tenant · $2 sees all, else $3 its user with departments $4
-- Of each department, and of none: what goes on, as far as the user sees it.
SELECT c.department_id, d.name AS department_name,
       count(*) FILTER (WHERE c.mode = 'bot') AS bot,
       count(*) FILTER (WHERE c.mode = 'waiting') AS waiting,
       count(*) FILTER (WHERE c.mode = 'human') AS human,
       count(*) FILTER (WHERE c.assigned_user_id = $3) AS mine,
       count(*) FILTER (WHERE c.assigned_user_id IS NULL) AS unassigned,
       count(*) FILTER (WHERE c.unread_count > 0) AS unread,
       count(*) FILTER (WHERE c.assigned_user_id = $3 AND c.unread_count > 0) AS mine_unread,
       count(*) FILTER (WHERE c.snoozed_until IS NOT NULL) AS snoozed
FROM conversations c
LEFT JOIN departments d ON d.tenant_id = c.tenant_id AND d.id = c.department_id
WHERE c.tenant_id = $1 AND c.mode <> 'closed' AND c.last_message_at IS NOT NULL
  AND ($2 OR c.assigned_user_id = $3
       OR (c.assigned_user_id IS NULL AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
GROUP BY c.department_id, d.name, d.position
ORDER BY d.position, d.name, c.department_id
