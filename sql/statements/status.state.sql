select
  current_setting('server_version') as postgresql,
  (
    select
      name
    from
      migration
    order by
      id desc
    limit
      1
  ) as "lastMigration",
  (
    select
      count(*)::int
    from
      lockout
    where
      ended_at is null
      and locked_until > now()
  ) as lockouts,
  coalesce(
    (
      select
        extract(
          epoch
          from
            clock_timestamp() - min(created_at)
        )
      from
        outbox
      where
        published_at is null
        and set_aside_at is null
    ),
    0
  )::float8 as "unpublishedSeconds",
  coalesce(
    (
      select
        extract(
          epoch
          from
            clock_timestamp() - e.time
        )
      from
        audit_cursor c,
        lateral (
          select
            e.time
          from
            event e
          where
            e.tx >= c.tx
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
          order by
            e.tx,
            e.id
          limit
            1
        ) e
    ),
    0
  )::float8 as "unsealedSeconds",
  (
    select
      count(*)::int
    from
      outbox
    where
      set_aside_at is not null
  ) as "jobsSetAside",
  (
    select
      count(*)::int
    from
      unsealable_event
  ) as "eventsSetAside"
