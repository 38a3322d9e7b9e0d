select
  e.id,
  e.tenant_id as "tenantId",
  e.tx::text as tx,
  e.type,
  to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
  e.account_id as "accountId",
  e.user_id as "userId",
  e.user_ref as "userRef",
  e.request_id as "requestId",
  t.data,
  t.sealed as "personalSealed",
  h.horizon::text as horizon
from
  (
    select
      (
        with
          elsewhere as materialized (
            select
              l.transactionid
            from
              pg_locks l
              join pg_stat_activity a on a.pid = l.pid
            where
              l.locktype = 'transactionid'
              and l.mode = 'ExclusiveLock'
              and l.granted
              and a.datid <> (
                select
                  oid
                from
                  pg_database
                where
                  datname = current_database()
              )
          )
        select
          least(
            coalesce(min(running.id), pg_snapshot_xmax(pg_current_snapshot())),
            pg_current_xact_id_if_assigned()
          )
        from
          pg_snapshot_xip(pg_current_snapshot()) as running (id)
        where
          not exists (
            select
            from
              elsewhere
            where
              elsewhere.transactionid = running.id::xid
          )
      ) as horizon
    offset
      0
  ) h
  left join lateral (
    select
      e.*
    from
      event e
    where
      not exists (
        select
        from
          audit_entry a
        where
          a.event_id = e.id
      )
      and not exists (
        select
        from
          unsealable_event s
        where
          s.event_id = e.id
      )
    order by
      e.time,
      e.id
    limit
      1001
  ) e on true
  left join lateral (
    select
      data,
      e.personal_sealed as sealed
    from
      (
        select
          e.data::text as data
        offset
          0
      ) written
    where
      octet_length(data) <= 4096
      and coalesce(octet_length(e.personal_sealed), 0) <= 4096
  ) t on true
order by
  e.time,
  e.id
