CREATE TABLE shard_leases (
    shard       smallint PRIMARY KEY
        CONSTRAINT shard_leases_range CHECK (shard BETWEEN 0 AND 255),
    node        text,
    epoch       bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 25);
COMMENT ON TABLE shard_leases IS
    'Which node owns which slice of tenants. Writers lock their row FOR KEY SHARE, a taker FOR UPDATE: no write of an older epoch can end after a take.';
COMMENT ON COLUMN shard_leases.epoch IS 'Raised by every take; never falls.';

INSERT INTO shard_leases (shard) SELECT generate_series(0, 255);

GRANT SELECT, UPDATE ON shard_leases TO papo_engine;
