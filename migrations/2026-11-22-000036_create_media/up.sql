CREATE TABLE media (
    tenant_id           uuid NOT NULL,
    id                  uuid NOT NULL,
    conversation_id     uuid,
    message_seq         bigint,
    direction           text NOT NULL,
    kind                text NOT NULL,
    state               text NOT NULL,
    mime_type           text,
    size                bigint,
    sha256              text,
    filename            text,
    storage_key         text,
    channel_id          uuid,
    provider_id         text,
    provider_sha256     text,
    provider_expires_at timestamptz,
    uploaded_by         uuid,
    error               text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT media_pkey PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
COMMENT ON TABLE media IS 'Files of messages. The bytes lie in the object storage.';
COMMENT ON COLUMN media.conversation_id IS 'NULL for what was uploaded and is not sent yet.';
COMMENT ON COLUMN media.direction IS 'inbound or outbound.';
COMMENT ON COLUMN media.kind IS 'image, video, audio, document or sticker.';
COMMENT ON COLUMN media.state IS 'pending, stored, failed, too_large or expired.';
COMMENT ON COLUMN media.mime_type IS 'By the bytes, once they are here; before, what the provider says.';
COMMENT ON COLUMN media.sha256 IS 'Of the bytes, hexadecimal.';
COMMENT ON COLUMN media.channel_id IS 'The number that provider_id belongs to.';
COMMENT ON COLUMN media.provider_id IS 'The provider''s id: of what came in, or of what was uploaded to be sent.';
COMMENT ON COLUMN media.provider_sha256 IS 'Of the bytes, as the provider says.';

CREATE INDEX media_conversation_idx ON media (tenant_id, conversation_id, message_seq)
    WHERE conversation_id IS NOT NULL;
-- What a tenant keeps is added up from this alone.
CREATE INDEX media_stored_idx ON media (tenant_id) INCLUDE (size) WHERE state = 'stored';

ALTER TABLE media ENABLE ROW LEVEL SECURITY;
ALTER TABLE media FORCE ROW LEVEL SECURITY;
CREATE POLICY media_app ON media TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY media_engine ON media TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON media TO papo_app;
GRANT UPDATE (channel_id, provider_id, provider_expires_at) ON media TO papo_app;
GRANT SELECT, INSERT, UPDATE ON media TO papo_engine;
