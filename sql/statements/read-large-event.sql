select
  data::text as data,
  personal_sealed as "personalSealed"
from
  event
where
  id = $1
