select
  t.tenant_id as "tenantId",
  head.sequence as size,
  kept.leaf_hash as "keptLeaf",
  signed.size as "signedSize",
  exists (
    select
    from
      tenant x
    where
      x.id = t.tenant_id
  ) as "isKnown",
  to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt",
  coalesce(
    case
      when head.sequence > coalesce(signed.size, 0) then $1::boolean
      or signed.size is null
      or signed.signed_at <= now() - make_interval(secs => 10)
      or head.sequence - signed.size >= 1000
      else signed.signed_at <= now() - make_interval(hours => 24)
    end,
    false
  ) as due
from
  (
    select
      tenant_id
    from
      audit_log
    union
    select
      *
    from
      unnest($2::text[])
  ) t
  left join unnest($2::text[], $3::bigint[]) as place (tenant_id, size) on place.tenant_id = t.tenant_id
  left join audit_entry kept on kept.tenant_id = t.tenant_id
  and kept.sequence = place.size
  left join lateral (
    select
      a.sequence
    from
      audit_entry a
    where
      a.tenant_id = t.tenant_id
    order by
      a.sequence desc
    limit
      1
  ) head on true
  left join lateral (
    select
      p.size,
      p.signed_at
    from
      audit_checkpoint p
    where
      p.tenant_id = t.tenant_id
      and p.size <= head.sequence
      and p.signed_at <= now() + interval '5 seconds'
    order by
      p.size desc,
      p.signed_at desc
    limit
      1
  ) signed on true
