CREATE TABLE canned_replies (
    tenant_id     uuid NOT NULL CONSTRAINT canned_replies_tenant_fk REFERENCES tenants,
    id            uuid NOT NULL,
    department_id uuid,
    user_id       uuid,
    shortcut      text NOT NULL
        CONSTRAINT canned_replies_shortcut_shape CHECK (shortcut ~ '^[a-z0-9-]{1,40}$'),
    title         text NOT NULL,
    text          text NOT NULL,
    words         text NOT NULL,
    used          bigint NOT NULL DEFAULT 0,
    last_used_at  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT canned_replies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT canned_replies_department_fk
        FOREIGN KEY (tenant_id, department_id) REFERENCES departments ON DELETE CASCADE,
    CONSTRAINT canned_replies_user_fk
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE,
    CONSTRAINT canned_replies_one_owner CHECK (num_nonnulls(department_id, user_id) <= 1)
);
COMMENT ON TABLE canned_replies IS
    'Texts that staff keeps ready: of a department, of one person, or, with neither, of everybody.';
COMMENT ON COLUMN canned_replies.text IS 'With {{variables}}, all of them known when it was saved.';
COMMENT ON COLUMN canned_replies.words IS 'Shortcut, title and text without case and accents: what is searched.';

CREATE UNIQUE INDEX canned_replies_shortcut_unique
    ON canned_replies (tenant_id, department_id, user_id, shortcut) NULLS NOT DISTINCT;

CREATE TRIGGER canned_replies_updated_at BEFORE UPDATE OF shortcut, title, text ON canned_replies
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

ALTER TABLE canned_replies ENABLE ROW LEVEL SECURITY;
ALTER TABLE canned_replies FORCE ROW LEVEL SECURITY;
CREATE POLICY canned_replies_app ON canned_replies TO papo_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON canned_replies TO papo_app;
