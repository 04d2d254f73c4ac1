CREATE TABLE messages (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL,
    id              uuid NOT NULL,
    sender          text NOT NULL,
    sender_user_id  uuid,
    kind            text NOT NULL,
    text            text NOT NULL DEFAULT '',
    body            json,
    external_id     text,
    quoted          text,
    context         json,
    sent_at         timestamptz NOT NULL,
    late            boolean NOT NULL DEFAULT false,
    delivery        smallint,
    delivery_error  json,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, conversation_id, seq)
) PARTITION BY HASH (tenant_id, conversation_id);
COMMENT ON TABLE messages IS 'What was said, in one order per conversation. Written by the state lane only.';
COMMENT ON COLUMN messages.sender IS 'customer, bot, attendant, phone or system.';
COMMENT ON COLUMN messages.text IS 'The words that are searched and shown in lists.';
COMMENT ON COLUMN messages.body IS 'The whole content; NULL once erased.';
COMMENT ON COLUMN messages.quoted IS 'Provider id of the message it answers.';
COMMENT ON COLUMN messages.sent_at IS 'By the provider''s clock where the message came from outside.';
COMMENT ON COLUMN messages.late IS 'Written before a message that was already there.';
COMMENT ON COLUMN messages.delivery IS 'Rank of the delivery status, which only rises; NULL for what is not sent.';

CREATE TABLE messages_0 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 0) WITH (fillfactor = 90);
CREATE TABLE messages_1 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 1) WITH (fillfactor = 90);
CREATE TABLE messages_2 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 2) WITH (fillfactor = 90);
CREATE TABLE messages_3 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 3) WITH (fillfactor = 90);
CREATE TABLE messages_4 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 4) WITH (fillfactor = 90);
CREATE TABLE messages_5 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 5) WITH (fillfactor = 90);
CREATE TABLE messages_6 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 6) WITH (fillfactor = 90);
CREATE TABLE messages_7 PARTITION OF messages FOR VALUES WITH (MODULUS 8, REMAINDER 7) WITH (fillfactor = 90);

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY messages_app ON messages TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY messages_engine ON messages TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON messages TO papo_app;
GRANT SELECT, INSERT, UPDATE ON messages TO papo_engine;
