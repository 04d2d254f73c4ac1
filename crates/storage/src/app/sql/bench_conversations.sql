-- $1 tenant · $2 channel · $3 time of the one message · $4 … columns of the conversations.
-- One statement: a conversation is there whole or not at all. Foreign keys are checked at its
-- end, so that the order of the parts is of no consequence.
WITH wanted AS (
    SELECT u.* FROM unnest($4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        AS u(id, customer, name, phone, key, attendant, message, words, payload, epoch)
    WHERE NOT EXISTS (SELECT FROM conversations c WHERE c.tenant_id = $1 AND c.id = u.id)
), a AS (
    INSERT INTO customers (tenant_id, id, name, phone)
    SELECT $1, customer, name, phone FROM wanted
), b AS (
    INSERT INTO customer_aliases (tenant_id, kind, key, value, customer_id)
    SELECT $1, 'wa_id', key, phone, customer FROM wanted
), c AS (
    INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind, peer_key,
                               peer_value, status, mode, assigned_user_id, unread_count, last_seq,
                               last_message_at, last_inbound_at, session_at)
    SELECT $1, id, $2, customer, 'wa_id', key, phone, 'open', 'human', attendant, 1, 1, $3, $3, $3
    FROM wanted
), d AS (
    INSERT INTO conversation_peers (tenant_id, channel_id, kind, key, conversation_id)
    SELECT $1, $2, 'wa_id', key, id FROM wanted
), e AS (
    INSERT INTO conversation_state (tenant_id, conversation_id, version, epoch, payload)
    SELECT $1, id, 1, epoch, payload FROM wanted
)
INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, kind, text, body, sent_at)
SELECT $1, id, 1, message, 'customer', 'text', words,
       json_build_object('body', 'inbound', 'content', json_build_object('type', 'text', 'body', words)),
       $3
FROM wanted
