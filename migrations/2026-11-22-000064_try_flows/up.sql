CREATE TABLE bot_trials (
    tenant_id   uuid NOT NULL,
    customer_id uuid NOT NULL,
    flow_id     uuid NOT NULL,
    started_by  uuid NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    until       timestamptz NOT NULL,
    CONSTRAINT bot_trials_pkey PRIMARY KEY (tenant_id, customer_id),
    CONSTRAINT bot_trials_customer_fk
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers ON DELETE CASCADE,
    CONSTRAINT bot_trials_flow_fk
        FOREIGN KEY (tenant_id, flow_id) REFERENCES bot_flows ON DELETE CASCADE
);
COMMENT ON TABLE bot_trials IS 'Flows that one customer has before all others do, for a while.';
COMMENT ON COLUMN bot_trials.until IS
    'One that is over is kept for a day: from here on its customer has the usual flow again.';

ALTER TABLE bot_trials ENABLE ROW LEVEL SECURITY;
ALTER TABLE bot_trials FORCE ROW LEVEL SECURITY;
CREATE POLICY bot_trials_app ON bot_trials TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY bot_trials_engine ON bot_trials TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON bot_trials TO papo_app;
GRANT SELECT ON bot_trials TO papo_engine;
