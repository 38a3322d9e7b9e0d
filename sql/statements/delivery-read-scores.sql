select
  country,
  route,
  position,
  state,
  codes,
  entered,
  entry_ms as "entryMs",
  receipts,
  receipt_ms as "receiptMs",
  priced,
  cost,
  recent_codes as "recentCodes",
  recent_entered as "recentEntered"
from
  route_score
where
  channel = $1
order by
  country,
  position,
  route
