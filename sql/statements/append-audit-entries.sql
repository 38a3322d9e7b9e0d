with
  entries as (
    insert into
      audit_entry (tenant_id, sequence, event_id, hash)
    select
      *
    from
      unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])
  ),
  heads as (
    insert into
      audit_chain (tenant_id, sequence, hash)
    select
      *
    from
      unnest($5::text[], $6::bigint[], $7::bytea[])
    on conflict (tenant_id) do update
    set
      sequence = excluded.sequence,
      hash = excluded.hash
  )
update audit_cursor
set
  tx = $8::xid8,
cluster = (
  select
    system_identifier::text
  from
    pg_control_system()
)
where
  id = 1
  and $8::xid8 is not null
