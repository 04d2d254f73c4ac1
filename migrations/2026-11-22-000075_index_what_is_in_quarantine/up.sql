-- There are few or none; without it every conversation is looked at to find that out.
CREATE INDEX conversations_quarantined_idx ON conversations (tenant_id, id) WHERE quarantined;
