select
  kind,
  id,
  fingerprint
from
  known_key
