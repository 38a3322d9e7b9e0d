select
  pg_try_advisory_xact_lock(('x' || encode($1, 'hex'))::bit(64)::bigint) as mine
