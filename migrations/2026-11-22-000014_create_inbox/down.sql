DROP TABLE inbox_unrouted;
DROP TABLE inbox;
