select
  e.id,
  e.tenant_id as "tenantId",
  e.tx::text as tx,
  e.type,
  to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
  e.account_id as "accountId",
  e.user_id as "userId",
  e.user_ref as "userRef",
  e.request_id as "requestId",
  e.data,
  e.personal_sealed as "personalSealed",
  n.sequence,
  n.leaf_hash as "leafHash",
  u.event_key_sealed as "eventKeySealed"
from
  (
    select
      n.*
    from
      (
        select
          e.id
        from
          (
            select
              *
            from
              event e
            where
              e.request_id = $1
            offset
              0
          ) e
        where
          e.time >= $2
          and e.time < $3
          and e.tenant_id = $4
          and (
            $5::text is null
            or e.account_id = $5
          )
          and (
            $6::text is null
            or e.user_id = $6
          )
          and (
            $7::text[] is null
            or e.type = any ($7::text[])
          )
          and (
            $8::text is null
            or (e.data ->> 'challengeId') = $8
          )
          and (
            $9::text is null
            or (e.data ->> 'deviceId') = $9
          )
        offset
          0
      ) e
      cross join lateral (
        select
          event_id,
          sequence,
          leaf_hash
        from
          audit_entry n
        where
          n.event_id = e.id
          and n.tenant_id = $4
          and n.sequence < $10
        offset
          0
      ) n
    order by
      n.sequence desc
    limit
      $11
  ) n
  join event e on e.id = n.event_id
  left join app_user u on u.id = e.user_ref
  and u.tenant_id = e.tenant_id
order by
  n.sequence desc
