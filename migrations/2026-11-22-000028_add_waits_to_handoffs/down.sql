DROP INDEX handoffs_completed_idx;
DROP INDEX handoffs_assigned_idx;
ALTER TABLE handoffs DROP COLUMN waiting_since;
