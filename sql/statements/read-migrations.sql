select
  name
from
  migration
