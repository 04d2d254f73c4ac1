DROP FUNCTION find_channel_by_verify_token(bytea);
DROP FUNCTION find_channels(text[], text[]);
DROP TABLE channels;
