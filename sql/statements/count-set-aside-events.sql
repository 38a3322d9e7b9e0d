select
  count(event_id) as events
from
  unsealable_event
