CREATE TABLE outbox (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL,
    channel_id      uuid NOT NULL,
    class           smallint NOT NULL,
    epoch           bigint,
    state           text NOT NULL DEFAULT 'queued',
    attempts        integer NOT NULL DEFAULT 0,
    due_at          timestamptz NOT NULL DEFAULT now(),
    claimed_at      timestamptz,
    lease_epoch     bigint,
    external_id     text,
    error           json,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
COMMENT ON TABLE outbox IS 'What is to be sent, and how it went. The words are the message''s.';
COMMENT ON COLUMN outbox.id IS 'The message''s id, which the provider returns with every status.';
COMMENT ON COLUMN outbox.class IS '0 human, 1 bot, 2 campaign: the order in which tokens are spent.';
COMMENT ON COLUMN outbox.epoch IS 'Control epoch it is valid under; NULL for people''s words and notices.';
COMMENT ON COLUMN outbox.state IS 'queued, sending, unknown, unconfirmed, sent, failed or cancelled.';
COMMENT ON COLUMN outbox.due_at IS 'When it may be claimed; when unknown: when it becomes unconfirmed.';
COMMENT ON COLUMN outbox.lease_epoch IS 'The lease it was claimed under; sends of an older one are unknown.';

-- G4 and G5: one send at a time per conversation.
CREATE UNIQUE INDEX outbox_one_sending ON outbox (tenant_id, conversation_id)
    WHERE state = 'sending';
CREATE UNIQUE INDEX outbox_external_id_unique ON outbox (tenant_id, channel_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX outbox_claim_idx ON outbox (tenant_id, channel_id, class, due_at, seq)
    WHERE state = 'queued';
-- The order within a conversation: what still stands in the way of a later message.
CREATE INDEX outbox_open_idx ON outbox (tenant_id, conversation_id, seq)
    WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX outbox_unknown_idx ON outbox (tenant_id, due_at) WHERE state = 'unknown';

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY outbox_app ON outbox TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY outbox_engine ON outbox TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON outbox TO papo_app;
GRANT SELECT, INSERT, UPDATE ON outbox TO papo_engine;
