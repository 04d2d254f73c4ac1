DROP TABLE inbox_unrouted;
DROP TABLE inbox;
DROP TABLE inbox_keys;
