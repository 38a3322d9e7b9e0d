with
  ended as (
    update challenge
    set
      status = 'canceled',
      ended_at = now()
    where
      status = 'pending'
    returning
      tenant_id
  ),
  codes as (
    update code
    set
      expires_at = now()
    where
      expires_at > now()
    returning
      id
  ),
  apps as (
    update device d
    set
      last_used_step = greatest(
        d.last_used_step,
        floor(
          extract(
            epoch
            from
              now()
          ) / d.totp_period
        )::bigint + 1
      )
    where
      d.method = 'totp'
    returning
      d.tenant_id
  ),
  users as (
    update app_user
    set
      trust_revoked_at = clock_timestamp()
    returning
      tenant_id
  ),
  counted as (
    select
      t.id,
      (
        select
          count(*)::int
        from
          ended e
        where
          e.tenant_id = t.id
      ) as challenges,
      (
        select
          count(*)::int
        from
          apps a
        where
          a.tenant_id = t.id
      ) as apps,
      (
        select
          count(*)::int
        from
          users u
        where
          u.tenant_id = t.id
      ) as users,
      (
        select
          count(*)
        from
          codes
      ) as codes
    from
      tenant t
  ),
  told as (
    insert into
      event (id, type, tenant_id, data)
    select
      ($1::text[]) [row_number() over ()],
      type,
      tenant_id,
      data
    from
      (
        select
          'database.restored' as type,
          id as tenant_id,
          jsonb_build_object('reason', $2::text, 'challenges', challenges, 'apps', apps, 'users', users) as data
        from
          counted
      ) told
  )
select
  id as "tenantId",
  challenges,
  apps,
  users
from
  counted
order by
  id
