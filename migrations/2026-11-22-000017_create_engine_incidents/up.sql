CREATE TABLE engine_incidents (
    tenant_id       uuid NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    conversation_id uuid,
    actor_kind      text NOT NULL,
    kind            text NOT NULL
        CONSTRAINT engine_incidents_kind_known
        CHECK (kind IN ('restart', 'quarantine', 'resume', 'dead_letter')),
    reason          text,
    at              timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT engine_incidents_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE engine_incidents IS 'What supervision did, and why.';

CREATE INDEX engine_incidents_conversation_idx ON engine_incidents (tenant_id, conversation_id)
    WHERE conversation_id IS NOT NULL;

ALTER TABLE engine_incidents ENABLE ROW LEVEL SECURITY;
ALTER TABLE engine_incidents FORCE ROW LEVEL SECURITY;
CREATE POLICY engine_incidents_app ON engine_incidents TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY engine_incidents_engine ON engine_incidents TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON engine_incidents TO papo_app;
GRANT SELECT, INSERT ON engine_incidents TO papo_engine;
