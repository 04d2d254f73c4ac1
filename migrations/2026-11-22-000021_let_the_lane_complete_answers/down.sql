REVOKE UPDATE (answer) ON idempotency_keys FROM papo_engine;
