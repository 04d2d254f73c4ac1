ALTER TABLE service_sessions
    ADD COLUMN served_at  timestamptz,
    ADD COLUMN day        date,
    ADD COLUMN opened_seq bigint,
    ADD COLUMN counted_to bigint;
COMMENT ON COLUMN service_sessions.served_at IS
    'When a person first led who came because one was asked for.';
COMMENT ON COLUMN service_sessions.day IS
    'On which it is counted, in the time zone that the tenant had then. NULL in rows of older versions.';
COMMENT ON COLUMN service_sessions.opened_seq IS
    'seq of the event that opened it: as long as that is kept, the facts can be made anew. NULL in rows of older versions.';
COMMENT ON COLUMN service_sessions.counted_to IS
    'Set where a running session lost its beginning and the follower began anew: events up to this seq are in it.';

ALTER TABLE attendance_stretches
    ADD COLUMN away_since   timestamptz,
    ADD COLUMN away_seconds integer NOT NULL DEFAULT 0,
    ADD COLUMN day          date;
COMMENT ON COLUMN attendance_stretches.away_since IS 'Since when it is put out of the way, if it is.';
COMMENT ON COLUMN attendance_stretches.away_seconds IS 'For how long it was, before that.';
COMMENT ON COLUMN attendance_stretches.day IS 'As in service_sessions.';
