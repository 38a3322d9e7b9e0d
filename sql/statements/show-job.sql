select
  o.id,
  o.job,
  o.payload,
  o.created_at as "createdAt",
  o.publications,
  o.failure,
  o.set_aside_at as "setAsideAt",
  o.published_at as "publishedAt",
  f.tenant_id as "tenantId",
  f.account_id as "accountId",
  f.user_id as "userId",
  jd.status as "deliveryStatus",
  je.type as "eventType"
from
  outbox o
  left join delivery jd on jd.id = coalesce(o.payload ->> 'deliveryId', o.id)
  left join webhook_delivery jw on jw.id = coalesce(o.payload ->> 'deliveryId', o.id)
  left join event je on je.id = coalesce(o.payload ->> 'eventId', o.id)
  left join lateral (
    select
      coalesce(jd.tenant_id, jw.tenant_id, je.tenant_id) as tenant_id,
      a.external_id as account_id,
      u.external_id as user_id,
      u.id as user_ref
    from
      (
        select
          1
      ) one
      left join app_user u on u.id = coalesce(jd.user_id, je.user_ref)
      and u.tenant_id = coalesce(jd.tenant_id, je.tenant_id)
      left join account a on a.id = u.account_id
  ) f on true
where
  o.id = $1
