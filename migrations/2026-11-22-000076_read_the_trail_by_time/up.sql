-- Read by time, the newest first, of a period, and by what somebody looks for.
CREATE INDEX audit_events_time_idx ON audit_events (tenant_id, at, id);
CREATE INDEX audit_events_action_time_idx ON audit_events (tenant_id, action, at, id);
CREATE INDEX audit_events_actor_time_idx ON audit_events (tenant_id, actor_id, at, id);
CREATE INDEX audit_events_object_time_idx
    ON audit_events (tenant_id, object_kind, object_id, at, id);
DROP INDEX audit_events_actor_idx;
DROP INDEX audit_events_object_idx;
