select
  coalesce(sum(b.size - b.sequence), 0)::float8 as events,
  coalesce(
    extract(
      epoch
      from
        clock_timestamp() - min(a.sealed_at)
    ),
    0
  )::float8 as seconds
from
  (
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
  ) b
  left join audit_entry a on a.tenant_id = b.tenant_id
  and a.sequence = b.sequence + 1
