with
  gone as (
    delete from outbox o
    where
      o.set_aside_at is not null
      and o.id = any ($1)
    returning
      o.id,
      o.job,
      o.payload
  ),
  told as (
    select
      j.id,
      j.job,
      f.*
    from
      gone j
      left join delivery jd on jd.id = coalesce(j.payload ->> 'deliveryId', j.id)
      left join webhook_delivery jw on jw.id = coalesce(j.payload ->> 'deliveryId', j.id)
      left join event je on je.id = coalesce(j.payload ->> 'eventId', j.id)
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
  ),
  recorded as (
    insert into
      event (id, type, tenant_id, account_id, user_id, user_ref, data)
    select
      ($2::text[]) [row_number() over ()],
      type,
      tenant_id,
      account_id,
      user_id,
      user_ref,
      data
    from
      (
        select
          'job.discarded' as type,
          t.tenant_id as tenant_id,
          t.account_id as account_id,
          t.user_id as user_id,
          t.user_ref as user_ref,
          jsonb_build_object('jobId', t.id, 'job', t.job) as data
        from
          told t
        where
          t.tenant_id is not null
      ) told
  )
select
  id,
  job
from
  told
