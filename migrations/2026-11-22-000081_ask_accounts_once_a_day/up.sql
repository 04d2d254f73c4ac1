-- What fails is not asked again before the next day, either.
ALTER TABLE template_accounts ADD COLUMN asked_at timestamptz;
ALTER TABLE template_accounts ALTER COLUMN synced_at DROP NOT NULL;
COMMENT ON COLUMN template_accounts.asked_at IS 'When the account was asked last, whatever came of it.';
COMMENT ON COLUMN template_accounts.synced_at IS 'When its templates were read last.';
-- An account that no channel has any more is forgotten.
GRANT DELETE ON template_accounts TO papo_app;
