select
  store
from
  known_queue
