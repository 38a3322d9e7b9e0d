with
  told as (
    insert into
      event (id, tenant_id, type, data)
    select
      $1,
      id,
      'audit.checkpoint_accepted',
      jsonb_build_object('sequence', $3::bigint, 'formerSequence', $4::bigint, 'reason', $5::text)
    from
      tenant
    where
      id = $2
  )
select
  to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now
