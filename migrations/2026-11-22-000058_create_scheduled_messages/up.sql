CREATE TABLE scheduled_messages (
    tenant_id       uuid NOT NULL CONSTRAINT scheduled_messages_tenant_fk REFERENCES tenants,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    author_id       uuid NOT NULL,
    send_at         timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'scheduled',
    revision        integer NOT NULL DEFAULT 1,
    body            text,
    claimed_at      timestamptz,
    message_seq     bigint,
    failure         text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scheduled_messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT scheduled_messages_conversation_fk
        FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations ON DELETE CASCADE,
    CONSTRAINT scheduled_messages_author_fk FOREIGN KEY (tenant_id, author_id) REFERENCES users
);
COMMENT ON TABLE scheduled_messages IS 'What an attendant wrote to be sent later. A job sends it.';
COMMENT ON COLUMN scheduled_messages.state IS
    'scheduled, sending, sent, failed or cancelled. From sending on nobody can change it.';
COMMENT ON COLUMN scheduled_messages.revision IS
    'Counts changes. A job is of one revision, and does nothing for another.';
COMMENT ON COLUMN scheduled_messages.body IS
    'The message as JSON. Gone once it was sent, when its words are in messages, or cancelled.';
COMMENT ON COLUMN scheduled_messages.claimed_at IS 'When sending began.';
COMMENT ON COLUMN scheduled_messages.failure IS 'Why it was not sent: the code of the refusal.';

CREATE INDEX scheduled_messages_conversation_idx
    ON scheduled_messages (tenant_id, conversation_id, send_at, id);
CREATE INDEX scheduled_messages_author_idx ON scheduled_messages (tenant_id, author_id, send_at, id);
CREATE INDEX scheduled_messages_ended_idx ON scheduled_messages (updated_at)
    WHERE state IN ('sent', 'failed', 'cancelled');

CREATE TRIGGER scheduled_messages_updated_at BEFORE UPDATE ON scheduled_messages
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE scheduled_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE scheduled_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY scheduled_messages_app ON scheduled_messages TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
-- For the engine's maintenance, which throws away what has ended.
CREATE POLICY scheduled_messages_engine ON scheduled_messages TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON scheduled_messages TO papo_app;
GRANT UPDATE (send_at, state, revision, body, claimed_at, message_seq, failure)
    ON scheduled_messages TO papo_app;
GRANT SELECT, DELETE ON scheduled_messages TO papo_engine;
