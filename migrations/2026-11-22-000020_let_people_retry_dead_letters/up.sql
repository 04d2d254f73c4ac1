-- A supervisor may put a given-up item back among the pending ones: its progress, nothing else
-- of it, and only in the tenant's own scope.
GRANT UPDATE (state, attempts, reason, next_at) ON inbox TO papo_app;
