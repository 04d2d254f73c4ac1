REVOKE SELECT ON user_departments FROM papo_engine;
DROP POLICY user_departments_engine ON user_departments;
REVOKE SELECT (tenant_id, id, full_name, role, is_active) ON users FROM papo_engine;
DROP POLICY users_engine ON users;
