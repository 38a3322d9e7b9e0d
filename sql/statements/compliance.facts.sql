with
  newest as (
    select
      size,
      signed_at,
      note
    from
      audit_checkpoint
    where
      tenant_id = $1
    order by
      size desc,
      signed_at desc
    limit
      1
  ),
  as_of as (
    select
      at,
      at - interval '30 days' as since
    from
      (
        select
          coalesce(
            $2::timestamptz,
            greatest(
              date_trunc('hour', now()),
              (
                select
                  signed_at
                from
                  newest
              )
            )
          ) as at
      ) given
  ),
  own as (
    select
      a.id,
      a.external_id,
      a.policy
    from
      account a
    where
      a.tenant_id = $1
      and a.policy <> '{}'
    order by
      a.id
    limit
      1000 + 1
  )
select
  t.policy as "tenantPolicy",
  to_char(as_of.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "asOf",
  (
    select
      json_object_agg(
        f.name,
        (
          select
            count(*)::int
          from
            app_user u
          where
            u.tenant_id = t.id
            and u.second_factor = f.name
        )
      )
    from
      (
        values
          ('enabled'),
          ('disabled'),
          ('service')
      ) f (name)
  ) as users,
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'accountId',
            a.external_id,
            'policy',
            a.policy,
            'disabled',
            (
              select
                count(*)::int
              from
                app_user u
              where
                u.account_id = a.id
                and u.second_factor = 'disabled'
            ),
            'service',
            (
              select
                count(*)::int
              from
                app_user u
              where
                u.account_id = a.id
                and u.second_factor = 'service'
            ),
            'without',
            (
              select
                coalesce(
                  json_agg(
                    w.external_id
                    order by
                      w.id
                  ),
                  '[]'
                )
              from
                (
                  select
                    u.id,
                    u.external_id
                  from
                    app_user u
                  where
                    u.account_id = a.id
                    and u.second_factor = 'disabled'
                  order by
                    u.id
                  limit
                    5
                ) w
            )
          )
          order by
            a.id
        ),
        '[]'
      )
    from
      own a
  ) as accounts,
  (
    select
      coalesce(
        json_agg(
          json_build_object('accountId', w.account_id, 'userId', w.user_id)
          order by
            w.id
        ),
        '[]'
      )
    from
      (
        select
          u.id,
          (
            select
              external_id
            from
              account
            where
              id = u.account_id
          ) as account_id,
          u.external_id as user_id
        from
          app_user u
        where
          u.tenant_id = t.id
          and u.second_factor = 'disabled'
          and u.account_id not in (
            select
              id
            from
              own
          )
        order by
          u.id
        limit
          20
      ) w
  ) as without,
  (
    select
      count(*)::int
    from
      event e,
      as_of
    where
      e.tenant_id = t.id
      and e.type = 'challenge.replayed'
      and e.time > as_of.since
      and e.time <= as_of.at
  ) as replayed,
  (
    select
      coalesce(
        json_agg(
          c.id
          order by
            c.id
        ),
        '[]'
      )
    from
      (
        select
          e.data ->> 'challengeId' as id
        from
          event e,
          as_of
        where
          e.tenant_id = t.id
          and e.type = 'challenge.approved'
          and e.time > as_of.since
          and e.time <= as_of.at
        group by
          1
        having
          count(*) > 1
        order by
          1
        limit
          20
      ) c
  ) as repeated,
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'apiKeyId',
            r.key,
            'reads',
            r.reads,
            'events',
            r.events,
            'allowed',
            r.key = ''
            or k.id is not null
            and k.scopes && array['audit', 'audit:personal']
            and (
              not r.personal
              or 'audit:personal' = any (k.scopes)
            )
          )
          order by
            r.key
        ),
        '[]'
      )
    from
      (
        select
          coalesce(e.data ->> 'apiKeyId', '') as key,
          count(*)::int as times,
          sum((e.data ->> 'reads')::int)::int as reads,
          sum((e.data ->> 'events')::int)::int as events,
          bool_or(coalesce((e.data ->> 'personal')::boolean, false)) as personal
        from
          event e,
          as_of
        where
          e.tenant_id = t.id
          and e.type = 'audit.read'
          and e.time > as_of.since
          and e.time <= as_of.at
        group by
          1
      ) r
      left join api_key k on k.id = r.key
      and k.tenant_id = t.id
  ) as readers,
  (
    select
      coalesce(
        json_agg(
          json_build_object(
            'apiKeyId',
            r.key,
            'exports',
            r.times,
            'allowed',
            r.key = ''
            or k.id is not null
            and k.scopes && array['audit', 'audit:personal']
            and (
              not r.personal
              or 'audit:personal' = any (k.scopes)
            )
          )
          order by
            r.key
        ),
        '[]'
      )
    from
      (
        select
          coalesce(e.data ->> 'apiKeyId', '') as key,
          count(*)::int as times,
          sum((e.data ->> 'reads')::int)::int as reads,
          sum((e.data ->> 'events')::int)::int as events,
          bool_or(coalesce((e.data ->> 'personal')::boolean, false)) as personal
        from
          event e,
          as_of
        where
          e.tenant_id = t.id
          and e.type = 'audit.exported'
          and e.time > as_of.since
          and e.time <= as_of.at
        group by
          1
      ) r
      left join api_key k on k.id = r.key
      and k.tenant_id = t.id
  ) as exporters,
  coalesce(
    (
      select
        size
      from
        audit_log
      where
        tenant_id = t.id
    ),
    0
  )::int as sealed,
  (
    select
      size::int
    from
      newest
  ) as signed,
  (
    select
      to_char(signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    from
      newest
  ) as "signedAt",
  (
    select
      note
    from
      newest
  ) as
checkpoint,
(
  select
    coalesce(
      json_agg(
        vkey
        order by
          vkey
      ),
      '[]'
    )
  from
    audit_key
  where
    tenant_id = t.id
) as keys,
seen.size::int as witnessed,
(
  select
    coalesce(
      json_agg(
        witness
        order by
          witness
      ),
      '[]'
    )
  from
    audit_cosignature s
  where
    s.tenant_id = t.id
    and s.size = seen.size
    and s.signed_at = seen.signed_at
) as witnesses
from
  tenant t
  cross join as_of
  left join lateral (
    select
      size,
      signed_at
    from
      audit_witnessed
    where
      tenant_id = t.id
    order by
      size desc,
      signed_at desc
    limit
      1
  ) seen on true
where
  t.id = $1
