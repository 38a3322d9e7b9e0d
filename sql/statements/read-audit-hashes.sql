select
  case
    when wanted.level = 0 then (
      select
        leaf_hash
      from
        audit_entry a
      where
        a.tenant_id = $1
        and a.sequence = wanted.index + 1
    )
    else (
      select
        hash
      from
        audit_node n
      where
        n.tenant_id = $1
        and n.level = wanted.level
        and n.index = wanted.index
    )
  end as hash
from
  unnest($2::smallint[], $3::bigint[]) with ordinality as wanted (level, index, place)
order by
  wanted.place
