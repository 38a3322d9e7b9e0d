select
  body_hash as "bodyHash",
  answer_sealed as "answerSealed"
from
  idempotent_answer
where
  key = $1
  and expires_at > now()
