CREATE INDEX audit_events_actor_idx ON audit_events (tenant_id, actor_id, id);
CREATE INDEX audit_events_object_idx ON audit_events (tenant_id, object_kind, object_id, id);
DROP INDEX audit_events_time_idx, audit_events_action_time_idx, audit_events_actor_time_idx,
    audit_events_object_time_idx;
