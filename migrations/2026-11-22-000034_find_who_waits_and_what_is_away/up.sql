-- The longest wait first; only conversations with a wait are in it.
CREATE INDEX conversations_waiting_since_idx ON conversations (tenant_id, waiting_since, id)
    WHERE waiting_since IS NOT NULL;
-- Few at any time, and not to be looked for among all.
CREATE INDEX conversations_snoozed_idx ON conversations (tenant_id, last_message_at DESC, id)
    WHERE snoozed_until IS NOT NULL;
