CREATE TABLE ratings (
    tenant_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    session         integer NOT NULL,
    score           smallint NOT NULL CONSTRAINT ratings_score_range CHECK (score BETWEEN 1 AND 5),
    rated_by        text NOT NULL,
    rated_by_user_id uuid,
    user_id         uuid,
    department_id   uuid,
    handoff_id      uuid,
    comment_seq     bigint,
    at              timestamptz NOT NULL,
    CONSTRAINT ratings_pkey PRIMARY KEY (tenant_id, conversation_id, session),
    CONSTRAINT ratings_conversation_fk
        FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
COMMENT ON TABLE ratings IS
    'What customers said of their sessions, one each. Written by the state lane only. Their words are in messages.';
COMMENT ON COLUMN ratings.rated_by IS 'customer, or the user who passed it on.';
COMMENT ON COLUMN ratings.user_id IS 'Who led as the session ended.';
COMMENT ON COLUMN ratings.comment_seq IS 'The message that says why.';

CREATE INDEX ratings_at_idx ON ratings (tenant_id, at);

ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE ratings FORCE ROW LEVEL SECURITY;
CREATE POLICY ratings_app ON ratings TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY ratings_engine ON ratings TO papo_engine USING (true) WITH CHECK (true);
GRANT SELECT ON ratings TO papo_app;
GRANT SELECT, INSERT, UPDATE (comment_seq) ON ratings TO papo_engine;

ALTER TABLE conversations ADD COLUMN rating smallint;
COMMENT ON COLUMN conversations.rating IS 'Of the session that ended, 1 to 5.';
