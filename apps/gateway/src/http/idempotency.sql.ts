import { sql, statement, type Nothing } from '#persistence';

export const claim = statement<{ mine: boolean }, { lock: Buffer }>(
  'idempotency.claim',
  ($) => sql`select pg_try_advisory_xact_lock(('x' || encode(${$.lock}, 'hex'))::bit(64)::bigint) as mine`,
);

export const selectAnswer = statement<{ bodyHash: Buffer; answerSealed: Buffer }, { key: Buffer }>(
  'idempotency.read',
  ($) => sql`select body_hash as "bodyHash", answer_sealed as "answerSealed"
   from idempotent_answer where key = ${$.key} and expires_at > now()`,
);

export const insertAnswer = statement<
  Nothing,
  { key: Buffer; bodyHash: Buffer; answerSealed: Buffer; seconds: number }
>(
  'idempotency.store',
  ($) => sql`insert into idempotent_answer (key, body_hash, answer_sealed, expires_at)
   values (${$.key}, ${$.bodyHash}, ${$.answerSealed}, now() + make_interval(secs => ${$.seconds}))
   on conflict (key) do update
   set body_hash = excluded.body_hash, answer_sealed = excluded.answer_sealed, expires_at = excluded.expires_at`,
);
