select
  c.tx::text as tx,
  (
    c.cluster is distinct from (
      select
        system_identifier::text
      from
        pg_control_system()
    )
    or c.tx > pg_snapshot_xmax(pg_current_snapshot())
  ) as "fromElsewhere"
from
  audit_cursor c
where
  c.id = 1
