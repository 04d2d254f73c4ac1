CREATE TABLE stream_cursors (
    tenant_id  uuid NOT NULL CONSTRAINT stream_cursors_tenant_fk REFERENCES tenants,
    follower   text NOT NULL,
    seq        bigint NOT NULL DEFAULT 0,
    at         timestamptz NOT NULL DEFAULT '-infinity',
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stream_cursors_pkey PRIMARY KEY (tenant_id, follower)
);
COMMENT ON TABLE stream_cursors IS
    'How far each follower has read a tenant''s stream. Moves in the transaction that keeps what the follower made of it.';
COMMENT ON COLUMN stream_cursors.at IS 'When the event at seq happened; older days need not be looked at.';

CREATE TRIGGER stream_cursors_updated_at BEFORE UPDATE ON stream_cursors
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE stream_cursors ENABLE ROW LEVEL SECURITY;
ALTER TABLE stream_cursors FORCE ROW LEVEL SECURITY;
CREATE POLICY stream_cursors_app ON stream_cursors TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY stream_cursors_engine ON stream_cursors TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON stream_cursors TO papo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON stream_cursors TO papo_engine;
