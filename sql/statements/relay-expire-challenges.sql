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
  recorded as (
    insert into
      event (id, type, tenant_id, account_id, user_id, user_ref, data)
    select
      ($2::text[]) [row_number() over ()],
      type,
      tenant_id,
      account_id,
      user_id,
      user_ref,
      data
    from
      (
        select
          'challenge.expired' as type,
          c.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          jsonb_strip_nulls(jsonb_build_object('challengeId', c.id, 'purpose', c.purpose, 'application', c.application)) as data
        from
          ended c
          join app_user u on u.id = c.user_id
          join account a on a.id = u.account_id
      ) told
  )
select
  id
from
  ended
