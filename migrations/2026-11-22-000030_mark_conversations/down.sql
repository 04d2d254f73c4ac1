ALTER TABLE conversations
    DROP COLUMN waiting_since,
    DROP COLUMN snoozed_until,
    DROP COLUMN archived_at;
COMMENT ON COLUMN conversations.status IS 'open, waiting or closed.';
COMMENT ON COLUMN conversations.priority IS 'low, medium, high or urgent, while a person is waited for.';
