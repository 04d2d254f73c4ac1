CREATE INDEX conversations_waiting_idx ON conversations (tenant_id, department_id)
    WHERE status = 'waiting';
DROP INDEX conversations_open_idx;
