with
  told as (
    insert into
      event (id, type, tenant_id, data)
    select
      (array[$1]::text[]) [row_number() over ()],
      type,
      tenant_id,
      data
    from
      (
        select
          'audit.checkpoint_accepted' as type,
          id as tenant_id,
          jsonb_build_object('sequence', $2::bigint, 'formerSequence', $3::bigint, 'reason', $4::text) as data
        from
          tenant
        where
          id = $5
      ) told
  )
select
  to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now
