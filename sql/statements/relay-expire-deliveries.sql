with
  due as (
    select
      id
    from
      delivery
    where
      status in ('queued', 'sending')
      and expires_at <= now()
      and (
        status = 'queued'
        or (lease_until > now()) is not true
      )
    order by
      expires_at
    limit
      $1
    for update
      skip locked
  ),
  ended as (
    update delivery d
    set
      status = case
        when d.sent_at is null then 'expired'
        else 'sent'
      end,
      payload_sealed = null,
      lease_until = null,
      awaits_receipt = false,
      ended_at = case
        when d.sent_at is null then clock_timestamp()
      end
    from
      due
    where
      d.id = due.id
    returning
      d.status,
      d.id,
      d.tenant_id,
      d.user_id,
      d.device_id,
      d.challenge_id,
      d.channel,
      d.kind,
      d.fence,
      d.request_id
  ),
  recorded as (
    insert into
      event (id, type, tenant_id, account_id, user_id, user_ref, request_id, data)
    select
      ($2::text[]) [row_number() over ()],
      type,
      tenant_id,
      account_id,
      user_id,
      user_ref,
      request_id,
      data
    from
      (
        select
          'code.expired' as type,
          d.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          d.request_id as request_id,
          jsonb_strip_nulls(
            jsonb_build_object(
              'deliveryId',
              d.id,
              'deviceId',
              d.device_id,
              'method',
              d.channel,
              'attempts',
              d.fence,
              'challengeId',
              d.challenge_id
            )
          ) as data
        from
          ended d
          join app_user u on u.id = d.user_id
          join account a on a.id = u.account_id
        where
          d.kind = 'code'
          and d.status = 'expired'
        union all
        select
          'notice.expired' as type,
          d.tenant_id as tenant_id,
          a.external_id as account_id,
          u.external_id as user_id,
          u.id as user_ref,
          d.request_id as request_id,
          jsonb_strip_nulls(
            jsonb_build_object('deliveryId', d.id, 'deviceId', d.device_id, 'method', d.channel, 'attempts', d.fence)
          ) as data
        from
          ended d
          left join app_user u on u.id = d.user_id
          left join account a on a.id = u.account_id
        where
          d.kind <> 'code'
          and d.status = 'expired'
      ) told
  ),
  done as (
    delete from outbox o using ended
    where
      o.payload ->> 'deliveryId' = ended.id
    returning
      ended.id,
      o.id as "jobId",
      o.job,
      o.publications
  )
select
  e.id,
  d."jobId",
  d.job,
  d.publications
from
  ended e
  left join done d on d.id = e.id
