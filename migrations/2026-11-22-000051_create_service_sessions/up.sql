CREATE TABLE service_sessions (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    session         integer NOT NULL,
    channel_id      uuid NOT NULL,
    department_id   uuid,
    last_user_id    uuid,
    opened_at       timestamptz NOT NULL,
    ended_at        timestamptz,
    end_reason      text,
    asked_at        timestamptz,
    taken_at        timestamptz,
    answered_at     timestamptz,
    transfers       integer NOT NULL,
    inbound         integer NOT NULL,
    bot             integer NOT NULL,
    staff           integer NOT NULL,
    stretches       integer NOT NULL,
    CONSTRAINT service_sessions_pkey PRIMARY KEY (tenant_id, conversation_id, session),
    CONSTRAINT service_sessions_conversation_fk
        FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
COMMENT ON TABLE service_sessions IS
    'Facts of each service session, for reports: counts and moments, no words. Made from the events; can be made anew.';
COMMENT ON COLUMN service_sessions.end_reason IS 'staff, flow or bot_idle.';
COMMENT ON COLUMN service_sessions.asked_at IS 'When a person was first asked for.';
COMMENT ON COLUMN service_sessions.taken_at IS 'When a person first led.';
COMMENT ON COLUMN service_sessions.answered_at IS 'When a person first said something.';

-- Reports ask for a period of a tenant.
CREATE INDEX service_sessions_opened_idx ON service_sessions (tenant_id, opened_at);

ALTER TABLE service_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY service_sessions_app ON service_sessions TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY service_sessions_engine ON service_sessions TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON service_sessions TO papo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON service_sessions TO papo_engine;

CREATE TABLE attendance_stretches (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    session         integer NOT NULL,
    number          integer NOT NULL,
    channel_id      uuid NOT NULL,
    user_id         uuid,
    department_id   uuid,
    began_at        timestamptz NOT NULL,
    ended_at        timestamptz,
    end_kind        text,
    answered_at     timestamptz,
    sent            integer NOT NULL,
    CONSTRAINT attendance_stretches_pkey PRIMARY KEY (tenant_id, conversation_id, session, number),
    CONSTRAINT attendance_stretches_session_fk
        FOREIGN KEY (tenant_id, conversation_id, session) REFERENCES service_sessions ON DELETE CASCADE
);
COMMENT ON TABLE attendance_stretches IS 'Stretches of a service session in which one person led.';
COMMENT ON COLUMN attendance_stretches.user_id IS 'NULL for the owner of the number, on the phone.';
COMMENT ON COLUMN attendance_stretches.end_kind IS 'closed, transferred, requeued or returned.';

CREATE INDEX attendance_stretches_began_idx ON attendance_stretches (tenant_id, began_at);

ALTER TABLE attendance_stretches ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendance_stretches FORCE ROW LEVEL SECURITY;
CREATE POLICY attendance_stretches_app ON attendance_stretches TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY attendance_stretches_engine ON attendance_stretches TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON attendance_stretches TO papo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON attendance_stretches TO papo_engine;
