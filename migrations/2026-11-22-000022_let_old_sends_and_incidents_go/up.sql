-- Ended sends and old incidents are thrown away by the engine's maintenance. Rows come in the order
-- of time, which is all that such an index needs.
CREATE INDEX outbox_age_idx ON outbox USING brin (created_at) WITH (pages_per_range = 16);
CREATE INDEX engine_incidents_age_idx ON engine_incidents USING brin (at) WITH (pages_per_range = 16);
GRANT DELETE ON outbox, engine_incidents TO papo_engine;
