ALTER TABLE conversations DROP COLUMN offered_user_id, DROP COLUMN offer_expires_at;
