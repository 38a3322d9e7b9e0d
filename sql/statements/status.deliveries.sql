select
  channel,
  kind,
  status,
  count(*)::int as deliveries
from
  delivery
where
  id >= $1
group by
  channel,
  kind,
  status
order by
  channel,
  kind,
  status
