select
  u.id as "userRef",
  u.external_id as "userId",
  u.kind,
  u.locale as "userLocale",
  u.profile_sealed as "profileSealed",
  u.two_factor_since as "twoFactorSince",
  u.created_at as "createdAt"
from
  account a
  left join lateral (
    select
      *
    from
      app_user
    where
      account_id = a.id
      and second_factor = $1
      and id > $2
    order by
      id
    limit
      $3
  ) u on true
where
  a.tenant_id = $4
  and a.external_id = $5
order by
  u.id
