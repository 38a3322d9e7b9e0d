select
  w.id,
  w.url,
  w.description,
  w.types,
  w.account_id as "accountId",
  w.contact_sealed as "contactSealed",
  w.contact_locale as "contactLocale",
  w.status,
  w.disabled_reason as "disabledReason",
  w.disabled_at as "disabledAt",
  w.failing_since as "failingSince",
  case
    when w.previous_secret_until > now() then w.previous_secret_until
  end as "previousSecretUntil",
  w.created_at as "createdAt",
  w.updated_at as "updatedAt"
from
  webhook w
where
  w.id = $1
  and w.tenant_id = $2
