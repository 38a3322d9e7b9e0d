insert into
  tenant (id, name, policy)
values
  ($1, $2, $3)
