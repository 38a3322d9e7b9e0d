select
  pg_advisory_xact_lock(5113071844)
