CREATE TABLE handoffs (
    tenant_id             uuid NOT NULL,
    id                    uuid NOT NULL,
    conversation_id       uuid NOT NULL,
    department_id         uuid,
    priority              text NOT NULL
        CONSTRAINT handoffs_priority_known CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    status                text NOT NULL DEFAULT 'pending'
        CONSTRAINT handoffs_status_known CHECK (status IN ('pending', 'assigned', 'completed', 'cancelled')),
    reason                text NOT NULL,
    note                  text,
    requested_by          text NOT NULL,
    requested_by_user_id  uuid,
    assigned_to           text CONSTRAINT handoffs_assigned_known CHECK (assigned_to IN ('user', 'phone')),
    assigned_user_id      uuid,
    requested_at          timestamptz NOT NULL,
    assigned_at           timestamptz,
    completed_at          timestamptz,
    cancelled_at          timestamptz,
    resolution            text,
    customer_satisfaction smallint
        CONSTRAINT handoffs_satisfaction_range CHECK (customer_satisfaction BETWEEN 1 AND 5),
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT handoffs_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE handoffs IS 'Requests for a person. Written by the state lane only.';
COMMENT ON COLUMN handoffs.reason IS 'Which rule asked; the words about it are in note.';
COMMENT ON COLUMN handoffs.requested_by IS 'customer, bot, user, phone or system.';

CREATE INDEX handoffs_pending_idx ON handoffs (tenant_id, requested_at) WHERE status = 'pending';
CREATE INDEX handoffs_conversation_idx ON handoffs (tenant_id, conversation_id);

CREATE TRIGGER handoffs_updated_at BEFORE UPDATE ON handoffs
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE handoffs ENABLE ROW LEVEL SECURITY;
ALTER TABLE handoffs FORCE ROW LEVEL SECURITY;
CREATE POLICY handoffs_app ON handoffs TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY handoffs_engine ON handoffs TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON handoffs TO papo_app;
GRANT SELECT, INSERT, UPDATE ON handoffs TO papo_engine;

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

CREATE TABLE conversation_transfers (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    kind            text NOT NULL
        CONSTRAINT conversation_transfers_kind_known
        CHECK (kind IN ('takeover', 'assign', 'transfer', 'release')),
    from_kind       text,
    from_user_id    uuid,
    to_kind         text,
    to_user_id      uuid,
    department_id   uuid,
    by_kind         text NOT NULL,
    by_user_id      uuid,
    note            text,
    at              timestamptz NOT NULL,
    CONSTRAINT conversation_transfers_pkey PRIMARY KEY (tenant_id, conversation_id, id)
);
COMMENT ON TABLE conversation_transfers IS 'Every change of control. Written by the state lane only.';
COMMENT ON COLUMN conversation_transfers.from_kind IS 'user or phone; NULL for the bot, or nobody.';
COMMENT ON COLUMN conversation_transfers.to_kind IS 'user or phone; NULL for the bot, or a department''s queue.';

ALTER TABLE conversation_transfers ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_transfers FORCE ROW LEVEL SECURITY;
CREATE POLICY conversation_transfers_app ON conversation_transfers TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY conversation_transfers_engine ON conversation_transfers TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON conversation_transfers TO papo_app;
GRANT SELECT, INSERT ON conversation_transfers TO papo_engine;
