delete from known_key
where
  kind = $1
  and not id = any ($2)
