ALTER TABLE refresh_tokens ADD COLUMN in_cookie boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN refresh_tokens.in_cookie IS
    'Kept by a browser, whose tabs share it: it may be exchanged again for a moment.';
