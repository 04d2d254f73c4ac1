-- Who may be asked to serve: names, roles and departments, and nothing else about anybody.
CREATE POLICY users_engine ON users TO papo_engine USING (true) WITH CHECK (false);
GRANT SELECT (tenant_id, id, full_name, role, is_active) ON users TO papo_engine;
CREATE POLICY user_departments_engine ON user_departments TO papo_engine USING (true) WITH CHECK (false);
GRANT SELECT ON user_departments TO papo_engine;
