-- What is counted for an inbox goes on; what has ended is many times as much. It also serves those
-- who wait, in place of an index of their own.
CREATE INDEX conversations_open_idx ON conversations (tenant_id, mode, department_id)
    WHERE mode <> 'closed';
DROP INDEX conversations_waiting_idx;
