update outbox
set
  published_at = clock_timestamp(),
  left_until = null,
  publications = publications + 1
where
  id = any ($1)
