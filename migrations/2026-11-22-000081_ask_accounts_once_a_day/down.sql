REVOKE DELETE ON template_accounts FROM papo_app;
DELETE FROM template_accounts WHERE synced_at IS NULL;
ALTER TABLE template_accounts ALTER COLUMN synced_at SET NOT NULL;
ALTER TABLE template_accounts DROP COLUMN asked_at;
