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
      and id > $1
    order by
      id
    limit
      $2
  ) u on true
where
  a.tenant_id = $3
  and a.external_id = $4
order by
  u.id
