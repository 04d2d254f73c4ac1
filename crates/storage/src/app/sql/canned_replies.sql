-- $1 tenant · $2 whose personal ones · $3 all departments, else $4 · $5 one · $6 what a shortcut
-- begins with · $7 patterns, all of which its words fit · $8, $9, $10 last row of the page before ·
-- $11 limit
-- What a shortcut begins with comes first, the exact one before all.
SELECT r.*
FROM (SELECT c.id, c.department_id, d.name AS department_name, c.user_id, c.shortcut, c.title,
             c.text, c.used, c.last_used_at, c.created_at, c.updated_at,
             CASE WHEN $6::text IS NULL OR c.shortcut = $6 THEN 0
                  WHEN starts_with(c.shortcut, $6) THEN 1
                  ELSE 2 END AS rank
      FROM canned_replies c
      LEFT JOIN departments d ON d.tenant_id = c.tenant_id AND d.id = c.department_id
      WHERE c.tenant_id = $1
        AND (c.user_id = $2
             OR (c.user_id IS NULL
                 AND (c.department_id IS NULL OR $3 OR c.department_id = ANY ($4))))
        AND ($5::uuid IS NULL OR c.id = $5)
        AND ($6::text IS NULL OR starts_with(c.shortcut, $6) OR c.words LIKE ALL ($7))) r
WHERE $8::integer IS NULL OR (r.rank, r.shortcut, r.id) > ($8, $9, $10)
ORDER BY r.rank, r.shortcut, r.id
LIMIT $11
