with
  due as (
    select
      id
    from
      challenge
    where
      status = 'pending'
      and expires_at <= now()
    order by
      expires_at
    limit
      $1
    for update
      skip locked
  ),
  ended as (
    update challenge c
    set
      status = 'expired',
      ended_at = clock_timestamp()
    from
      due
    where
      c.id = due.id
    returning
      c.id,
      c.tenant_id,
      c.user_id,
      c.purpose,
      c.application
  ),
  told as (
    select
      ended.*,
      row_number() over () as n
    from
      ended
  ),
  recorded as (
    insert into
      event (id, tenant_id, type, account_id, user_id, user_ref, data)
    select
      ($2::text[]) [t.n],
      t.tenant_id,
      'challenge.expired',
      a.external_id,
      u.external_id,
      u.id,
      jsonb_strip_nulls(jsonb_build_object('challengeId', t.id, 'purpose', t.purpose, 'application', t.application))
    from
      told t
      join app_user u on u.id = t.user_id
      join account a on a.id = u.account_id
  )
select
  id
from
  ended
