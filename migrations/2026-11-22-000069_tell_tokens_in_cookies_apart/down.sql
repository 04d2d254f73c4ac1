ALTER TABLE refresh_tokens DROP COLUMN in_cookie;
