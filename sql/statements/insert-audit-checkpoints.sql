with
  keys as (
    insert into
      audit_key (tenant_id, vkey)
    select
      *
    from
      unnest($1::text[], $2::text[])
    on conflict do nothing
  )
insert into
  audit_checkpoint (tenant_id, size, signed_at, root, note, oldest_event_at, newest_event_at)
select
  s.*,
  new.oldest,
  new.newest
from
  unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::bytea[], $7::text[]) as s (tenant_id, size, signed_at, root, note)
  cross join lateral (
    select
      min(e.time) as oldest,
      max(e.time) as newest
    from
      audit_entry a
      join event e on e.id = a.event_id
    where
      a.tenant_id = s.tenant_id
      and a.sequence <= s.size
      and a.sequence > coalesce(
        (
          select
            max(p.size)
          from
            audit_checkpoint p
          where
            p.tenant_id = s.tenant_id
            and p.size <= s.size
        ),
        0
      )
  ) new
on conflict do nothing
