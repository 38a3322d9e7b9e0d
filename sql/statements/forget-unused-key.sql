delete from known_key
where
  kind = $1
  and id = $2
  and used_since is null
returning
  id
