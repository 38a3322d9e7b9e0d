select
  tx::text as tx
from
  audit_cursor
where
  exists (
    select
      name
    from
      audit_collector
  )
