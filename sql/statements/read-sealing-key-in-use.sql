select
  convert_from(
    substring(
      profile_sealed
      from
        3 for get_byte(profile_sealed, 1)
    ),
    'UTF8'
  ) as id
from
  (
    select
      profile_sealed
    from
      app_user
    order by
      app_user.id
    limit
      1
  ) first_user
