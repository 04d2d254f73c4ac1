ALTER TABLE handoffs ADD COLUMN waiting_since timestamptz;
COMMENT ON COLUMN handoffs.waiting_since IS
    'Since when the customer waits, also for requests before this one. NULL: since it was requested.';

CREATE INDEX handoffs_assigned_idx ON handoffs (tenant_id, assigned_at) WHERE assigned_at IS NOT NULL;
CREATE INDEX handoffs_completed_idx ON handoffs (tenant_id, completed_at)
    WHERE completed_at IS NOT NULL;
