select
  t.tenant_id as "tenantId",
  head.sequence,
  kept.hash as "keptHash",
  signed.sequence as "signedUpTo",
  exists (
    select
    from
      tenant x
    where
      x.id = t.tenant_id
  ) as "isKnown",
  to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt",
  coalesce(
    head.sequence > coalesce(signed.sequence, 0)
    and (
      $1::boolean
      or signed.sequence is null
      or signed.signed_at not between now() - make_interval(secs => 60) and now() + interval '5 seconds'
      or head.sequence - signed.sequence >= 1000
    ),
    false
  ) as due
from
  (
    select
      tenant_id
    from
      audit_chain
    union
    select
      *
    from
      unnest($2::text[])
  ) t
  left join unnest($2::text[], $3::bigint[]) as place (tenant_id, sequence) on place.tenant_id = t.tenant_id
  left join audit_entry kept on kept.tenant_id = t.tenant_id
  and kept.sequence = place.sequence
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
      p.sequence,
      p.signed_at
    from
      audit_checkpoint p
    where
      p.tenant_id = t.tenant_id
      and p.sequence <= head.sequence
    order by
      p.sequence desc
    limit
      1
  ) signed on true
