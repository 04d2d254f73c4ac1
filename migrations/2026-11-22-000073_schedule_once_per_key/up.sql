ALTER TABLE scheduled_messages ADD COLUMN request bytea;
COMMENT ON COLUMN scheduled_messages.request IS
    'SHA-256 of the request that wrote it, if that had a key: the row''s id is of the key then.';
