with
  entries as (
    insert into
      audit_entry (tenant_id, sequence, event_id, leaf_hash)
    select
      *
    from
      unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])
  ),
  nodes as (
    insert into
      audit_node (tenant_id, level, index, hash)
    select
      *
    from
      unnest($5::text[], $6::smallint[], $7::bigint[], $8::bytea[])
    on conflict (tenant_id, level, index) do update
    set
      hash = excluded.hash
  ),
  trees as (
    insert into
      audit_log (tenant_id, size, edge)
    select
      tenant_id,
      size,
      edge::bytea[]
    from
      unnest($9::text[], $10::bigint[], $11::text[]) as t (tenant_id, size, edge)
    on conflict (tenant_id) do update
    set
      size = excluded.size,
      edge = excluded.edge
  )
update audit_cursor
set
  tx = $12::xid8,
cluster = (
  select
    system_identifier::text
  from
    pg_control_system()
)
where
  id = 1
  and $12::xid8 is not null
