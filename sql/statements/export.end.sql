select
  coalesce(
    (
      select
        max(sequence)
      from
        audit_entry
      where
        tenant_id = $1
    ),
    0
  ) as "end"
from
  tenant
where
  id = $1
