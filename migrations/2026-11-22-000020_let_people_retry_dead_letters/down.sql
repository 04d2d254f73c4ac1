REVOKE UPDATE (state, attempts, reason, next_at) ON inbox FROM papo_app;
