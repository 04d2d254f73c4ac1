-- How many automatic messages a takeover withdrew is known only after its key was stored, and a
-- repeated request must be told the same.
GRANT UPDATE (answer) ON idempotency_keys TO papo_engine;
