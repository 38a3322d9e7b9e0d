insert into
  known_queue (id, store)
values
  (1, $1)
on conflict (id) do update
set
  store = excluded.store,
  noted_at = now()
where
  known_queue.store <> excluded.store
