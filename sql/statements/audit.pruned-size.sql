select
  coalesce(
    (
      select
        size
      from
        audit_pruned
      where
        tenant_id = $1
    ),
    0
  ) as size
