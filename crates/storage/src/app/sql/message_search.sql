-- $1 … $17 as search_messages · $18 tenant
-- Hits stand between U+0002 and U+0003, which no text of ours holds. A word that is found by its
-- accents alone is marked in the other form.
SELECT f.conversation_id, f.seq, f.block, f.rank, f.id, m.id AS message_id, m.sender,
       m.sender_user_id, u.full_name AS sender_name, m.kind, m.sent_at, c.customer_id,
       k.name AS customer_name, c.channel_id, c.peer_value AS address,
       CASE WHEN h.plain LIKE '%' || chr(2) || '%' THEN h.plain ELSE ts_headline(
           'pg_catalog.portuguese', w.text, q.query,
           'MaxFragments=2,MaxWords=18,MinWords=6,FragmentDelimiter=" … ",StartSel="'
           || chr(2) || '",StopSel="' || chr(3) || '"') END AS snippet
FROM search_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) f
CROSS JOIN (SELECT search_query($1) AS query) q
JOIN messages m ON m.tenant_id = $18 AND m.conversation_id = f.conversation_id AND m.seq = f.seq
JOIN conversations c ON c.tenant_id = $18 AND c.id = f.conversation_id
JOIN customers k ON k.tenant_id = $18 AND k.id = c.customer_id
LEFT JOIN users u ON u.tenant_id = $18 AND u.id = m.sender_user_id
CROSS JOIN LATERAL (SELECT translate(m.text, chr(2) || chr(3), '') AS text) w
CROSS JOIN LATERAL (SELECT ts_headline(
    'public.plain_portuguese', w.text, q.query,
    'MaxFragments=2,MaxWords=18,MinWords=6,FragmentDelimiter=" … ",StartSel="'
    || chr(2) || '",StopSel="' || chr(3) || '"') AS plain) h
ORDER BY f.block DESC, f.rank DESC, f.id DESC
