ALTER TABLE conversations
    ADD COLUMN offered_user_id  uuid,
    ADD COLUMN offer_expires_at timestamptz;
COMMENT ON COLUMN conversations.offered_user_id IS
    'Who is being asked to take it. Counts for their capacity, as what is assigned to them does.';
