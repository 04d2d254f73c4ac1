-- $1 tenant · $2 sees all, else $3 its user with departments $4 · $5 status · $6 mode ·
-- $7 department · $8 assignee · $9 only unassigned · $10 pattern · $11, $12 last row of the page
-- before · $13 limit · $14 one conversation · $15 channel · $16 priority · $17 unread · $18 snoozed ·
-- $19 label
-- The order follows behind.
-- Names are compared without accents.
-- Words are looked for in the newest 100 messages of the newest 1,000 conversations: there is no
-- index for parts of words, which every message would have to pay for.
SELECT c.id, c.channel_id, c.customer_id, cu.name AS customer_name, c.peer_kind, c.peer_value,
       c.is_group, c.status, c.mode, c.assigned_user_id, u.full_name AS assigned_name,
       c.department_id, d.name AS department_name, c.priority, c.menu_level, c.unread_count,
       c.last_seq, c.last_message_at, c.last_inbound_at, c.session_at, c.ended_at, c.quarantined,
       c.offered_user_id, c.offer_expires_at,
       c.archived_at, c.snoozed_until, c.waiting_since, c.rating, c.created_at, left(m.text, 200) AS last_text, m.sender AS last_sender, m.kind AS last_kind,
       (SELECT coalesce(json_agg(json_build_object('id', l.id, 'name', l.name, 'colour', l.colour)
                                 ORDER BY lower(unaccent(l.name)), l.id), '[]')
        FROM conversation_labels cl
        JOIN labels l ON l.tenant_id = cl.tenant_id AND l.id = cl.label_id
        WHERE cl.tenant_id = c.tenant_id AND cl.conversation_id = c.id) AS labels
FROM conversations c
JOIN customers cu ON cu.tenant_id = c.tenant_id AND cu.id = c.customer_id
LEFT JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.assigned_user_id
LEFT JOIN departments d ON d.tenant_id = c.tenant_id AND d.id = c.department_id
LEFT JOIN messages m
    ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.seq = c.last_seq
WHERE c.tenant_id = $1
  AND ($2 OR c.assigned_user_id = $3
       OR (c.assigned_user_id IS NULL AND (c.department_id IS NULL OR c.department_id = ANY ($4))))
  AND ($14::uuid IS NULL OR c.id = $14)
  AND ($5::text[] IS NULL OR c.status = ANY ($5))
  AND ($6::text IS NULL OR c.mode = $6)
  AND ($7::uuid IS NULL OR c.department_id = $7)
  AND ($8::uuid IS NULL OR c.assigned_user_id = $8)
  AND (NOT $9 OR c.assigned_user_id IS NULL)
  AND ($15::uuid IS NULL OR c.channel_id = $15)
  AND ($16::text IS NULL OR c.priority = $16)
  AND ($17::boolean IS NULL OR (c.unread_count > 0) = $17)
  AND ($19::uuid IS NULL
       OR EXISTS (SELECT FROM conversation_labels x WHERE x.tenant_id = c.tenant_id
                  AND x.conversation_id = c.id AND x.label_id = $19))
  AND ($18::boolean IS NULL OR (c.snoozed_until IS NOT NULL) = $18)
  AND ($10::text IS NULL OR lower(unaccent(cu.name)) LIKE (SELECT lower(unaccent($10)))
       OR c.peer_value ILIKE $10
       OR (c.last_message_at >= (SELECT min(n.last_message_at)
                                 FROM (SELECT last_message_at FROM conversations
                                       WHERE tenant_id = $1 AND last_message_at IS NOT NULL
                                       ORDER BY last_message_at DESC LIMIT 1000) n)
           AND EXISTS (SELECT FROM (SELECT f.text FROM messages f
                                    WHERE f.tenant_id = c.tenant_id AND f.conversation_id = c.id
                                      AND f.seq > c.last_seq - 100
                                    ORDER BY f.seq DESC LIMIT 100) newest
                       WHERE newest.text ILIKE $10)))