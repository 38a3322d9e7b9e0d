select
  id
from
  audit_cursor
where
  id = 1
for update
