select
  min(id) as "deliveryId"
from
  (
    select
      id
    from
      delivery
    where
      provider = 'http'
      and provider_reference = $1
    limit
      2
  ) found
having
  count(*) = 1
