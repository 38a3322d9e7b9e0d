select
  count(*) as webhooks
from
  webhook
where
  status = 'disabled'
