SELECT n.family, n.user_agent, n.address, coalesce(n.began_at, n.created_at) AS began_at,
       n.created_at AS last_used_at
FROM (SELECT DISTINCT ON (r.family) r.family, r.user_agent, r.address, r.began_at, r.created_at
      FROM refresh_tokens r
      WHERE r.tenant_id = $1 AND r.user_id = $2 AND r.expires_at > now()
      ORDER BY r.family, r.created_at DESC) n
WHERE NOT EXISTS (SELECT FROM refresh_tokens r
                  WHERE r.tenant_id = $1 AND r.family = n.family AND r.revoked_at IS NOT NULL)
ORDER BY n.created_at DESC
LIMIT 100
