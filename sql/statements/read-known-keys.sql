select
  kind,
  id,
  fingerprint,
  used_since as "usedSince",
  retired_at as "retiredAt"
from
  known_key
