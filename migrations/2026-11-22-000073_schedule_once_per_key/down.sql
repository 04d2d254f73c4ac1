ALTER TABLE scheduled_messages DROP COLUMN request;
