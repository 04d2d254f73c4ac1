DROP FUNCTION stream_after(uuid, bigint, timestamptz, bigint);
DROP FUNCTION stream_head(uuid, timestamptz);
