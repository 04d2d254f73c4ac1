ALTER TABLE conversations
    ADD COLUMN archived_at   timestamptz,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN waiting_since timestamptz;
COMMENT ON COLUMN conversations.status IS 'open, waiting, closed or archived.';
COMMENT ON COLUMN conversations.priority IS 'low, medium, high or urgent, once something was said about it.';
COMMENT ON COLUMN conversations.waiting_since IS 'Since when the customer waits for a person''s answer.';
