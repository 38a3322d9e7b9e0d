select
  u.id as "userRef",
  u.external_id as "userId",
  u.kind,
  u.locale as "userLocale",
  u.profile_sealed as "profileSealed",
  u.two_factor_since as "twoFactorSince",
  u.created_at as "createdAt",
  (
    select
      external_id
    from
      account
    where
      id = u.account_id
  ) as "accountId"
from
  (
    select
      *
    from
      app_user
    where
      tenant_id = $1
      and second_factor = $2
      and id > $3
    order by
      id
    limit
      $4
  ) u
order by
  u.id
