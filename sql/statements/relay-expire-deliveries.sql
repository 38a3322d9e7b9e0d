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
      status = 'expired',
      payload_sealed = null,
      lease_until = null,
      ended_at = clock_timestamp()
    from
      due
    where
      d.id = due.id
    returning
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
  told as (
    select
      ended.*,
      row_number() over () as n
    from
      ended
  ),
  recorded as (
    insert into
      event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data)
    select
      ($2::text[]) [t.n],
      t.tenant_id,
      case t.kind
        when 'code' then 'code.expired'
        else 'notice.expired'
      end,
      a.external_id,
      u.external_id,
      u.id,
      t.request_id,
      jsonb_strip_nulls(
        jsonb_build_object(
          'deliveryId',
          t.id,
          'deviceId',
          t.device_id,
          'method',
          t.channel,
          'challengeId',
          t.challenge_id,
          'attempts',
          t.fence
        )
      )
    from
      told t
      join app_user u on u.id = t.user_id
      join account a on a.id = u.account_id
  ),
  done as (
    delete from outbox o using ended
    where
      o.payload ->> 'deliveryId' = ended.id
  )
select
  id
from
  ended
