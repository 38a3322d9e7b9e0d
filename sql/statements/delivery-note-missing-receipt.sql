update receipt_source
set
  missing = missing + 1
where
  provider = $1
