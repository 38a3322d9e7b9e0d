with
  aside as (
    update outbox o
    set
      set_aside_at = clock_timestamp(),
      failure = s.failure
    from
      unnest($1::text[], $2::int[], $3::text[]) as s (id, publications, failure)
    where
      o.id = s.id
      and o.publications = s.publications
      and o.published_at is not null
      and o.set_aside_at is null
    returning
      o.id,
      o.job,
      o.payload,
      o.publications,
      o.failure
  ),
  told as (
    select
      j.*,
      f.*
    from
      aside j
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
      ($4::text[]) [row_number() over ()],
      type,
      tenant_id,
      account_id,
      user_id,
      user_ref,
      data
    from
      (
        select
          'job.set_aside' as type,
          t.tenant_id as tenant_id,
          t.account_id as account_id,
          t.user_id as user_id,
          t.user_ref as user_ref,
          jsonb_build_object('jobId', t.id, 'job', t.job, 'publications', t.publications, 'failure', t.failure) as data
        from
          told t
        where
          t.tenant_id is not null
      ) told
  )
select
  id,
  job,
  failure,
  publications
from
  told
