select
  t.id,
  t.name,
  coalesce(u.users, 0)::int as users,
  coalesce(u.enabled, 0)::int as "twoFactor",
  coalesce(s.messages, 0)::int as "smsToday",
  coalesce(s.cost, 0)::text as "smsCostToday"
from
  tenant t
  left join (
    select
      tenant_id,
      count(*) filter (
        where
          second_factor <> 'service'
      ) as users,
      count(*) filter (
        where
          second_factor = 'enabled'
      ) as enabled
    from
      app_user
    group by
      tenant_id
  ) u on u.tenant_id = t.id
  left join (
    select
      tenant_id,
      sum(messages) as messages,
      sum(cost) as cost
    from
      sms_spend
    where
      day = (now() at time zone 'UTC')::date
    group by
      tenant_id
  ) s on s.tenant_id = t.id
order by
  t.id
