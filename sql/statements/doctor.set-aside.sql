select
  (
    select
      count(*)::int
    from
      outbox
    where
      set_aside_at is not null
  ) as jobs,
  (
    select
      count(*)::int
    from
      unsealable_event
  ) as events
