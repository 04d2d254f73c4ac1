REVOKE DELETE ON outbox, engine_incidents FROM papo_engine;
DROP INDEX engine_incidents_age_idx;
DROP INDEX outbox_age_idx;
