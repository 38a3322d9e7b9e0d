select
  p.generated_at as "generatedAt",
  p.acknowledged_at as "acknowledgedAt",
  coalesce(
    (
      select
        rp.codes_left
      from
        recovery_pool rp
      where
        rp.user_id = u.id
        and rp.enrolment_device_id is null
    ),
    0
  ) as left
from
  app_user u
  left join recovery_pool p on p.user_id = u.id
where
  u.id = $1
