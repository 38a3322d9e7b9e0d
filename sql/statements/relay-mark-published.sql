update outbox
set
  published_at = clock_timestamp(),
  publications = publications + 1
where
  id = any ($1)
