with
  retired as (
    update known_key
    set
      retired_at = now()
    where
      kind = $1
      and id = $2
      and retired_at is null
      and used_since is not null
    returning
      id
  ),
  told as (
    insert into
      event (id, type, tenant_id, data)
    select
      ($3::text[]) [row_number() over ()],
      type,
      tenant_id,
      data
    from
      (
        select
          'key.rotated' as type,
          t.id as tenant_id,
          jsonb_build_object(
            'kind',
            $1::text,
            'keyId',
            $4::text,
            'formerKeyId',
            $5::text,
            'usedSince',
            to_char(k.used_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          ) as data
        from
          tenant t
          cross join retired r
          join known_key k on k.kind = $1
          and k.id = $6
          and k.used_since is not null
      ) told
  )
select
  id
from
  retired
