delete from outbox
where
  id = $1
returning
  id
