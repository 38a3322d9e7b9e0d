select
  json_build_object(
    'id',
    id,
    'subject',
    subject,
    'deviceId',
    device_id,
    'wrongCodes',
    wrong_codes,
    'startedAt',
    started_at,
    'lockedUntil',
    locked_until,
    'endedAt',
    coalesce(
      ended_at,
      case
        when locked_until <= now() then locked_until
      end
    )
  ) as lockout
from
  lockout l
where
  user_id = $1
  and (
    $2::text is null
    or not exists (
      select
      from
        device d
      where
        d.id = l.device_id
        and not (
          d.applications is null
          or $2 = any (d.applications)
        )
    )
  )
order by
  started_at desc
limit
  100
