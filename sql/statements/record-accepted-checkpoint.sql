with
  told as (
    insert into
      event (id, tenant_id, type, data)
    select
      $1,
      id,
      'audit.checkpoint_accepted',
      jsonb_build_object('sequence', $2::bigint, 'formerSequence', $3::bigint, 'reason', $4::text)
    from
      tenant
    where
      id = $5
  )
select
  to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now
