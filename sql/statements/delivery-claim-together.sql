with
  asked as (
    select
      *
    from
      jsonb_to_recordset($1::jsonb) as c (n int, id text, routes jsonb)
    limit
      16
  ),
  held as materialized (
    select
      c.*
    from
      asked c
      join delivery d on d.id = c.id
    order by
      c.id
    for no key update of
      d skip locked
  ),
  claimed as (
    update delivery d
    set
      status = 'sending',
      fence = d.fence + 1,
      lease_until = clock_timestamp() + interval '30 seconds'
    from
      held c
    where
      d.id = c.id
      and (
        d.status || '' in ('queued', 'sending')
        or (
          d.status || '' = 'sent'
          and d.awaits_receipt::int = 1
        )
        and exists (
          select
          from
            receipt_source s
          where
            s.provider = d.provider
            and s.missing < 10
        )
        and coalesce(
          (
            select
              h.status
            from
              challenge h
            where
              h.id = d.challenge_id
          ),
          'pending'
        ) = 'pending'
        and (
          select
            k.consumed_at
          from
            code k
          where
            k.subject_id = coalesce(d.challenge_id, d.device_id)
            and k.device_id = d.device_id
        ) is null
        and exists (
          select
          from
            jsonb_array_elements_text(coalesce(c.routes -> d.country, c.routes -> '*')) r (name)
          where
            not exists (
              select
              from
                delivery_attempt t
              where
                t.delivery_id = d.id
                and t.provider = r.name
            )
        )
      )
      and (
        d.lease_until is null
        or d.lease_until < clock_timestamp()
      )
      and d.next_attempt_at <= clock_timestamp()
      and d.expires_at > clock_timestamp()
      and (
        d.fence = 0
        or (
          select
            count(*) < 4
            and (
              d.channel <> 'sms'
              or count(*) filter (
                where
                  t.outcome is not null
                  and t.error is distinct from 'worker-lost'
              ) < 2
            )
          from
            delivery_attempt t
          where
            t.delivery_id = d.id
            and (
              t.outcome is null
              or t.outcome in ('unknown', 'sent')
            )
            and t.receipt is distinct from 'failed'
        )
      )
      and jsonb_array_length(coalesce(c.routes -> d.country, c.routes -> '*')) > 0
    returning
      c.n,
      case
        when d.fence = 1 then coalesce(c.routes -> d.country, c.routes -> '*') ->> 0
        else (
          select
            r.name
          from
            jsonb_array_elements_text(coalesce(c.routes -> d.country, c.routes -> '*')) with ordinality r (name, place)
          order by
            (
              select
                count(*)
              from
                delivery_attempt t
              where
                t.delivery_id = d.id
                and t.provider = r.name
            ),
            r.place
          limit
            1
        )
      end as provider,
      d.id,
      d.tenant_id as "tenantId",
      d.user_id as "userId",
      d.device_id as "deviceId",
      d.challenge_id as "challengeId",
      d.channel,
      d.kind,
      d.country,
      d.request_id as "requestId",
      d.fence,
      (
        select
          a.external_id
        from
          app_user u
          join account a on a.id = u.account_id
        where
          u.id = d.user_id
      ) as "accountExternalId",
      (
        select
          u.external_id
        from
          app_user u
        where
          u.id = d.user_id
      ) as "userExternalId",
      d.payload_sealed as "payloadSealed",
      (
        extract(
          epoch
          from
            (d.expires_at - clock_timestamp())
        ) * 1000
      )::float8 as "lifeMs",
      (
        extract(
          epoch
          from
            (d.expires_at - d.created_at)
        ) * 1000
      )::float8 as "spanMs",
      case
        when d.fence > 1 then (
          select
            count(*)
          from
            delivery_attempt t
          where
            t.delivery_id = d.id
            and (
              t.outcome is null
              or t.outcome in ('unknown', 'sent')
            )
            and t.receipt is distinct from 'failed'
        )
        else 0
      end as "inDoubt",
      case
        when d.fence > 1 then (
          select
            array_agg(
              t.provider
              order by
                t.number
            )
          from
            delivery_attempt t
          where
            t.delivery_id = d.id
        )
      end as tried,
      case
        when d.awaits_receipt then d.provider
      end as missed
  ),
  begun as (
    insert into
      delivery_attempt (delivery_id, number, provider)
    select
      id,
      fence,
      provider
    from
      claimed
  )
select
  n,
  id,
  "tenantId",
  "userId",
  "deviceId",
  "challengeId",
  channel,
  kind,
  country,
  "requestId",
  fence,
  "accountExternalId",
  "userExternalId",
  "payloadSealed",
  "lifeMs",
  "spanMs",
  "inDoubt",
  provider,
  tried,
  missed
from
  claimed
