select
  clock_timestamp() as now,
  current_setting('transaction_read_only')::boolean as "readOnly"
