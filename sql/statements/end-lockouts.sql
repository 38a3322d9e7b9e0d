with
  due as (
    select
      id
    from
      lockout
    where
      ended_at is null
      and locked_until <= now()
    order by
      locked_until
    limit
      cardinality($1::text[])
    for update
      skip locked
  ),
  ended as (
    update lockout l
    set
      ended_at = l.locked_until,
      end_reason = 'elapsed'
    from
      due
    where
      l.id = due.id
    returning
      l.*
  ),
  recorded as (
    insert into
      event (id, type, tenant_id, account_id, user_id, user_ref, data)
    select
      ($1::text[]) [row_number() over ()],
      type,
      tenant_id,
      account_id,
      user_id,
      user_ref,
      data
    from
      (
        select
          'lockout.ended' as type,
          l.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          jsonb_strip_nulls(
            jsonb_build_object('lockoutId', l.id, 'subject', l.subject, 'deviceId', l.device_id, 'reason', 'elapsed')
          ) as data
        from
          ended l
          join app_user u on u.id = l.user_id
          join account a on a.id = u.account_id
      ) told
  )
select
  id
from
  ended
