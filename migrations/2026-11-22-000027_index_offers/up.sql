CREATE INDEX conversations_offered_idx ON conversations (tenant_id, offered_user_id)
    WHERE offered_user_id IS NOT NULL;
