CREATE TABLE notifications (
    tenant_id       uuid NOT NULL,
    user_id         uuid NOT NULL,
    id              uuid NOT NULL,
    kind            text NOT NULL,
    conversation_id uuid NOT NULL,
    message_seq     bigint,
    by_user_id      uuid,
    at              timestamptz NOT NULL DEFAULT now(),
    read_at         timestamptz,
    CONSTRAINT notifications_pkey PRIMARY KEY (tenant_id, user_id, id)
);
COMMENT ON TABLE notifications IS 'What one person is told of, ids only. Written by the state lane.';
COMMENT ON COLUMN notifications.message_seq IS 'The message it is about, if it is about one.';

CREATE INDEX notifications_list_idx ON notifications (tenant_id, user_id, at DESC, id DESC);
CREATE INDEX notifications_unread_idx ON notifications (tenant_id, user_id) WHERE read_at IS NULL;
CREATE INDEX notifications_at_idx ON notifications (at);

ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE notifications FORCE ROW LEVEL SECURITY;
CREATE POLICY notifications_app ON notifications TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY notifications_engine ON notifications TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (read_at) ON notifications TO papo_app;
GRANT SELECT, INSERT, DELETE ON notifications TO papo_engine;
