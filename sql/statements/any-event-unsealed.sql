select
  exists (
    select
    from
      event e
    where
      e.tx >= $1::xid8
      and e.tx < (
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
      )
      and not exists (
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
  ) as waiting
