select
  c.size,
  c.root,
  c.note || coalesce(w.lines, '') as note,
  coalesce(w.names, array[]::text[]) as witnesses,
  enough.witnessed_at as "witnessedAt",
  to_char(c.signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt",
  c.oldest_event_at as "oldestEventAt",
  c.newest_event_at as "newestEventAt"
from
  audit_witnessed enough
  join audit_checkpoint c on enough.tenant_id = c.tenant_id
  and enough.size = c.size
  and enough.signed_at = c.signed_at
  left join lateral (
    select
      string_agg(
        s.signature_lines,
        ''
        order by
          s.witness
      ) as lines,
      array_agg(
        s.witness
        order by
          s.witness
      ) as names
    from
      audit_cosignature s
    where
      s.tenant_id = c.tenant_id
      and s.size = c.size
      and s.signed_at = c.signed_at
  ) w on true
where
  enough.tenant_id = $1
  and (enough.size, enough.signed_at) > ($2, $3::timestamptz)
order by
  enough.size asc,
  enough.signed_at asc
limit
  $4
