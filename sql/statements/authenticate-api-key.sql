with
  used as (
    update api_key
    set
      last_used_at = now()
    where
      id = (
        select
          id
        from
          api_key
        where
          hash = $1
          and revoked_at is null
          and (
            expires_at is null
            or expires_at > now()
          )
          and (
            last_used_at is null
            or last_used_at < now() - interval '1 minute'
          )
        for no key update
          skip locked
      )
  )
select
  id as "apiKeyId",
  tenant_id as "tenantId",
  application,
  scopes,
  expires_at as "expiresAt",
  (
    extract(
      epoch
      from
        expires_at - now()
    ) * 1000
  )::float8 as "endsInMs",
  case
    when revoked_at is not null then 'revoked'
    when expires_at <= now() then 'expired'
  end as ended
from
  api_key
where
  hash = $1
