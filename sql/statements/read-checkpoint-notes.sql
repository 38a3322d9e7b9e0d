select
  note
from
  audit_checkpoint
where
  tenant_id = $1
  and size >= $2
  and (
    $3::timestamptz is null
    or signed_at > $3
  )
order by
  size desc,
  signed_at desc
limit
  1000
