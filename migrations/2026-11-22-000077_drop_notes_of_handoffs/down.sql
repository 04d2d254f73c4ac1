CREATE TABLE handoff_notes (
    tenant_id  uuid NOT NULL,
    handoff_id uuid NOT NULL,
    id         uuid NOT NULL,
    user_id    uuid NOT NULL,
    note       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT handoff_notes_pkey PRIMARY KEY (tenant_id, handoff_id, id),
    CONSTRAINT handoff_notes_handoff_fk
        FOREIGN KEY (tenant_id, handoff_id) REFERENCES handoffs ON DELETE CASCADE
);
COMMENT ON TABLE handoff_notes IS 'Words of staff about a handoff.';

ALTER TABLE handoff_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE handoff_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY handoff_notes_app ON handoff_notes TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT ON handoff_notes TO papo_app;
