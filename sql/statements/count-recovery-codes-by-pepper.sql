select
  case
    when octet_length(mac) > 32 then convert_from(
      substring(
        mac
        from
          3 for get_byte(mac, 1)
      ),
      'UTF8'
    )
  end as "keyId",
  count(*)::int as codes,
  count(distinct user_id)::int as users
from
  recovery_code
where
  used_at is null
group by
  1
