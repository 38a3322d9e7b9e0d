with
  rejection as (
    select
      tenant_id,
      account_id,
      user_ref,
      time
    from
      event
    where
      id = $1
      and type in ('challenge.rejected', 'challenge.replayed')
  ),
  recent as (
    select
      found.user_ref
    from
      rejection r
      cross join lateral (
        select
          e.user_ref
        from
          event e
        where
          e.tenant_id = r.tenant_id
          and e.account_id = r.account_id
          and e.type in ('challenge.rejected', 'challenge.replayed')
          and e.time > r.time + interval '5 seconds' - interval '10 minutes'
          and e.time <= r.time + interval '5 seconds'
        order by
          e.time desc
        limit
          20
      ) found
  ),
  pattern as (
    select
      count(*) as rejections,
      count(distinct user_ref) as users
    from
      recent
    having
      count(*) >= 20
      or count(distinct user_ref) >= 3
  ),
  affected as (
    select
      user_ref
    from
      recent
    union
    select
      user_ref
    from
      rejection
  ),
  claimed as (
    insert into
      account_pattern_notice (user_id, noticed_at)
    select
      u.id,
      now()
    from
      pattern
      cross join affected f
      join app_user u on u.id = f.user_ref
    order by
      u.id
    on conflict (user_id) do update
    set
      noticed_at = excluded.noticed_at
    where
      account_pattern_notice.noticed_at <= now() - interval '1 hour'
    returning
      user_id
  )
select
  a.id as "accountId",
  p.rejections,
  p.users,
  u.id as "userId",
  u.tenant_id as "tenantId",
  coalesce(u.locale, a.locale) as locale,
  u.profile_sealed as "profileSealed",
  t.policy as "tenantPolicy",
  a.policy as "accountPolicy",
  now() as "now"
from
  claimed c
  cross join pattern p
  join app_user u on u.id = c.user_id
  join account a on a.id = u.account_id
  join tenant t on t.id = u.tenant_id
