select
  'sbl_' || encode(q.key, 'hex') as id,
  q.rule,
  q.label as about,
  q.blocked_at as "startedAt",
  q.starts_at + case
    when q.rule in ('number_kind', 'spend') then interval '1 day'
    else interval '1 hour'
  end as "endsAt",
  q.refused,
  q.lifted_at as "liftedAt"
from
  send_window q
where
  q.tenant_id = $1
  and q.blocked_at is not null
  and q.starts_at = case
    when q.rule in ('number_kind', 'spend') then date_trunc('day', now(), 'UTC')
    else date_trunc('hour', now())
  end
order by
  q.blocked_at desc
limit
  500
