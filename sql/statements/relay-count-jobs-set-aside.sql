select
  count(*) as jobs
from
  outbox
where
  set_aside_at is not null
