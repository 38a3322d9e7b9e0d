select
  d.id,
  d.event_id as "eventId",
  e.type as "eventType",
  d.redelivery_of as "redeliveryOf",
  d.status,
  d.next_attempt_at as "nextAttemptAt",
  d.created_at as "createdAt",
  d.ended_at as "endedAt",
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'number',
            t.number,
            'startedAt',
            t.started_at,
            'endedAt',
            t.ended_at,
            'httpStatus',
            t.http_status,
            'error',
            t.error,
            'durationMs',
            t.duration_ms
          )
          order by
            t.number
        ),
        '[]'
      )
    from
      webhook_attempt t
    where
      t.delivery_id = d.id
  ) as attempts
from
  (
    select
      case
        when $1::text is null then 'infinity'
        else max(created_at)
      end as at,
      coalesce(max(id), '') as id
    from
      webhook_delivery
    where
      id = $1
  ) place
  join webhook_delivery d on (d.created_at, d.id) < (place.at, place.id)
  join event e on e.id = d.event_id
where
  d.webhook_id = $2
  and d.tenant_id = $3
order by
  d.created_at desc,
  d.id desc
limit
  $4
