SELECT u.role, u.full_name,
       ARRAY(SELECT d.department_id FROM user_departments d
             WHERE d.tenant_id = u.tenant_id AND d.user_id = u.id
             ORDER BY 1) AS departments,
       u.two_factor_at IS NULL
       AND coalesce((t.policy -> 'require_two_factor') ? u.role, false) AS must_set_up_two_factor
FROM users u
JOIN tenants t ON t.tenant_id = u.tenant_id
WHERE u.tenant_id = $1 AND u.id = $2 AND u.is_active AND is_served(t.status, t.trial_ends_at)
  AND EXISTS (SELECT FROM refresh_tokens r
              WHERE r.tenant_id = $1 AND r.family = $3 AND r.user_id = $2 AND r.expires_at > now())
  AND NOT EXISTS (SELECT FROM refresh_tokens r
                  WHERE r.tenant_id = $1 AND r.family = $3 AND r.revoked_at IS NOT NULL)
