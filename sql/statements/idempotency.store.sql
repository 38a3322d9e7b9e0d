insert into
  idempotent_answer (key, body_hash, answer_sealed, expires_at)
values
  ($1, $2, $3, now() + make_interval(secs => $4))
on conflict (key) do update
set
  body_hash = excluded.body_hash,
  answer_sealed = excluded.answer_sealed,
  expires_at = excluded.expires_at
