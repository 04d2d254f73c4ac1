-- The words of the tables that every message touches (status, mode, state, sender) have no CHECK:
-- the lanes write them from enums, and a check is parsed anew by every statement, which was 40% of
-- a small update. docs/adr/0003 has the figures.
CREATE TABLE conversations (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    channel_id       uuid NOT NULL,
    customer_id      uuid NOT NULL,
    peer_kind        text NOT NULL,
    peer_key         text NOT NULL,
    peer_value       text NOT NULL,
    is_group         boolean NOT NULL DEFAULT false,
    status           text NOT NULL DEFAULT 'open',
    mode             text NOT NULL DEFAULT 'bot',
    assigned_user_id uuid,
    department_id    uuid,
    priority         text,
    menu_level       text NOT NULL DEFAULT 'main',
    unread_count     integer NOT NULL DEFAULT 0,
    last_seq         bigint NOT NULL DEFAULT 0,
    last_message_at  timestamptz,
    last_inbound_at  timestamptz,
    session_at       timestamptz,
    ended_at         timestamptz,
    quarantined      boolean NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT conversations_channel_fk FOREIGN KEY (tenant_id, channel_id) REFERENCES channels,
    CONSTRAINT conversations_customer_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES customers
) WITH (fillfactor = 80);
COMMENT ON TABLE conversations IS 'What lists show. Written by the state lane only, where it changed.';
COMMENT ON COLUMN conversations.status IS 'open, waiting or closed.';
COMMENT ON COLUMN conversations.mode IS 'bot, waiting, human or closed.';
COMMENT ON COLUMN conversations.priority IS 'low, medium, high or urgent, while a person is waited for.';
COMMENT ON COLUMN conversations.peer_value IS 'The address that messages are sent to.';
COMMENT ON COLUMN conversations.menu_level IS 'Where the bot stands; main before its first prompt.';

-- Rows nobody has written in yet have no place in a list.
CREATE INDEX conversations_list_idx ON conversations (tenant_id, last_message_at DESC, id);
CREATE INDEX conversations_assigned_idx
    ON conversations (tenant_id, assigned_user_id, last_message_at DESC, id)
    WHERE assigned_user_id IS NOT NULL;
CREATE INDEX conversations_waiting_idx ON conversations (tenant_id, department_id)
    WHERE status = 'waiting';

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY conversations_app ON conversations TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY conversations_engine ON conversations TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON conversations TO papo_app;
GRANT SELECT, INSERT, UPDATE ON conversations TO papo_engine;

CREATE TABLE conversation_peers (
    tenant_id       uuid NOT NULL,
    channel_id      uuid NOT NULL,
    kind            text NOT NULL,
    key             text NOT NULL,
    conversation_id uuid NOT NULL,
    CONSTRAINT conversation_peers_pkey PRIMARY KEY (tenant_id, channel_id, kind, key),
    CONSTRAINT conversation_peers_conversation_fk
        FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
COMMENT ON TABLE conversation_peers IS
    'Every name of a conversation''s peer. Its key is what makes a conversation unique per tenant, channel and peer.';

CREATE INDEX conversation_peers_conversation_idx ON conversation_peers (tenant_id, conversation_id);

ALTER TABLE conversation_peers ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_peers FORCE ROW LEVEL SECURITY;
CREATE POLICY conversation_peers_app ON conversation_peers TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY conversation_peers_engine ON conversation_peers TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON conversation_peers TO papo_app;
GRANT SELECT, INSERT ON conversation_peers TO papo_engine;

CREATE TABLE conversation_state (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    version         bigint NOT NULL DEFAULT 0,
    epoch           bigint NOT NULL,
    wake_at         timestamptz,
    payload         text NOT NULL
        CONSTRAINT conversation_state_payload_size CHECK (octet_length(payload) <= 1024),
    CONSTRAINT conversation_state_pkey PRIMARY KEY (tenant_id, conversation_id),
    CONSTRAINT conversation_state_conversation_fk
        FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
COMMENT ON TABLE conversation_state IS 'Snapshot of each conversation, written at every commit.';
COMMENT ON COLUMN conversation_state.version IS 'Compared and raised by every commit.';
COMMENT ON COLUMN conversation_state.epoch IS 'Control epoch of the snapshot; automatic sends of another epoch are void.';
COMMENT ON COLUMN conversation_state.wake_at IS
    'Lower bound of the next deadline. Not touched while it still is one, so that commits stay heap-only updates.';

CREATE INDEX conversation_state_wake_idx ON conversation_state (tenant_id, wake_at)
    WHERE wake_at IS NOT NULL;

ALTER TABLE conversation_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_state FORCE ROW LEVEL SECURITY;
CREATE POLICY conversation_state_app ON conversation_state TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY conversation_state_engine ON conversation_state TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON conversation_state TO papo_app;
GRANT SELECT, INSERT, UPDATE ON conversation_state TO papo_engine;
