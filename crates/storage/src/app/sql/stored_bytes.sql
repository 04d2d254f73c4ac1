SELECT ((SELECT coalesce(sum(octet_length(bytes)), 0) FROM avatars WHERE tenant_id = $1)
      + (SELECT coalesce(sum(size), 0) FROM media WHERE tenant_id = $1 AND state = 'stored'))::bigint
       AS n
