CREATE TABLE events (
    tenant_id       uuid NOT NULL,
    seq             bigint NOT NULL,
    conversation_id uuid NOT NULL,
    version         bigint,
    kind            text NOT NULL,
    message_seq     bigint,
    refs            json NOT NULL,
    audience        json NOT NULL,
    prior           json,
    at              timestamptz NOT NULL
) PARTITION BY RANGE (at);
COMMENT ON TABLE events IS
    'The stream of each tenant: gap-free seq, ids only, no words. Unique by the fenced state lane, not by an index.';
COMMENT ON COLUMN events.version IS 'Version of the conversation after the commit; NULL for delivery news.';
COMMENT ON COLUMN events.message_seq IS 'The message it is about, joined when a frame is made.';
COMMENT ON COLUMN events.audience IS 'Who could see it then.';
COMMENT ON COLUMN events.prior IS 'Who could see the conversation before, where this event changed it.';

CREATE INDEX events_stream_idx ON events (tenant_id, seq);

CREATE TABLE events_default PARTITION OF events DEFAULT;

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_app ON events TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY events_engine ON events TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON events TO papo_app;
GRANT SELECT, INSERT ON events TO papo_engine;

CREATE TABLE event_heads (
    tenant_id uuid PRIMARY KEY,
    head      bigint NOT NULL
);
COMMENT ON TABLE event_heads IS
    'Highest seq of each tenant in partitions that were dropped, so that a quiet tenant''s stream never starts again.';

ALTER TABLE event_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY event_heads_app ON event_heads TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY event_heads_engine ON event_heads TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON event_heads TO papo_app;
GRANT SELECT ON event_heads TO papo_engine;
