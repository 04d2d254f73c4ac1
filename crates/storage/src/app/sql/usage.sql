SELECT (SELECT count(*) FROM users WHERE tenant_id = $1 AND is_active) AS users,
       (SELECT count(*) FROM channels WHERE tenant_id = $1 AND is_active) AS channels,
       month.conversations, month.messages,
       ((SELECT coalesce(sum(octet_length(bytes)), 0) FROM avatars WHERE tenant_id = $1)
        + (SELECT coalesce(sum(size), 0) FROM media WHERE tenant_id = $1 AND state = 'stored'))::bigint
           AS storage_bytes
FROM (SELECT coalesce(sum((d.tally ->> 'sessions')::bigint), 0)::bigint AS conversations,
             coalesce(sum((d.tally ->> 'inbound')::bigint + (d.tally ->> 'bot')::bigint
                          + (d.tally ->> 'staff')::bigint), 0)::bigint AS messages
      FROM attendance_days d
      WHERE d.tenant_id = $1 AND d.slice = 'whole'
        AND d.day >= date_trunc('month', now() AT TIME ZONE 'UTC')::date) month
