select
  c.note || coalesce(
    (
      select
        string_agg(
          s.signature_lines,
          ''
          order by
            s.witness
        )
      from
        audit_cosignature s
      where
        s.tenant_id = c.tenant_id
        and s.size = c.size
        and s.signed_at = c.signed_at
    ),
    ''
  ) as note,
  (
    select
      coalesce(array_agg(vkey), array[]::text[])
    from
      audit_key k
    where
      k.tenant_id = c.tenant_id
  ) as vkeys
from
  audit_checkpoint c
where
  c.tenant_id = $1
order by
  c.size desc,
  c.signed_at desc
limit
  1
