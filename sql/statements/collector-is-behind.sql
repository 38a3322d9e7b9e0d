select
  exists (
    select
      l.tenant_id,
      coalesce(p.sequence, 0) as sequence,
      l.size,
      p.updated_at
    from
      audit_log l
      left join audit_collector_position p on p.collector = $1
      and p.tenant_id = l.tenant_id
    where
      l.size > coalesce(p.sequence, 0)
      and (
        $2::text[] is null
        or l.tenant_id = any ($2::text[])
      )
  ) as behind
