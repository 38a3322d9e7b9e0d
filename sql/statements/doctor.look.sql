select
  current_setting('server_version') as version,
  current_setting('server_version_num')::int as "versionNumber",
  current_database()::text as name,
  current_setting('transaction_read_only')::boolean as "readOnly",
  clock_timestamp() as now
