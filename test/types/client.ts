/** What the client's types must refuse, and what they must know; `npm run check:types` is the test. */
import type { AnswerOf, ErrorCode, Sallyport, SallyportError, Schemas } from '#client';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
declare function holds<_Claim extends true>(): void;

const challengeId = 'chl_1';
const path = { accountId: 'acme', userId: 'jane' };

export async function calls(sallyport: Sallyport): Promise<void> {
  // @ts-expect-error there is no such path
  await sallyport.get('/v1/nothing');
  // @ts-expect-error this path has no DELETE
  await sallyport.delete('/v1/policy');
  // @ts-expect-error what is not for panels has no call
  await sallyport.get('/healthz');
  // @ts-expect-error without its parameters
  await sallyport.get('/v1/challenges/{challengeId}');
  // @ts-expect-error without one of them
  await sallyport.get('/v1/accounts/{accountId}/users/{userId}', { params: { path: { accountId: 'acme' } } });
  // @ts-expect-error a parameter of another name
  await sallyport.get('/v1/challenges/{challengeId}', { params: { path: { deviceId: 'dev_1' } } });
  // @ts-expect-error a query that it does not know
  await sallyport.get('/v1/accounts', { params: { query: { page: 2 } } });
  // @ts-expect-error without its body
  await sallyport.post('/v1/challenges');
  // @ts-expect-error without a field that is needed
  await sallyport.post('/v1/challenges', { body: { accountId: 'acme' } });
  // @ts-expect-error a field that it does not know
  await sallyport.post('/v1/challenges', { body: { ...path, device: 'dev_1' } });
  // @ts-expect-error a purpose that there is not
  await sallyport.post('/v1/challenges', { body: { ...path, purpose: 'fun' } });
  // @ts-expect-error a body where there is none
  await sallyport.post('/v1/challenges/{challengeId}/cancel', { params: { path: { challengeId } }, body: {} });
  // @ts-expect-error a header that is no text
  await sallyport.get('/v1/accounts', { headers: { 'Sallyport-Proof': 1 } });
  // @ts-expect-error a purpose that there is not
  await sallyport.verifyProof('', { ...path, purpose: 'fun' });

  await sallyport.get('/v1/accounts', { headers: { traceparent: '' }, language: undefined });

  const decision = await sallyport.post('/v1/challenges', { body: path, language: 'nl', headers: { traceparent: '' } });
  holds<Same<typeof decision, Schemas['Decision']>>();
  holds<Same<typeof decision.decision, 'challenge' | 'allow' | 'enroll' | 'deny'>>();
  if (decision.decision === 'allow') holds<Same<typeof decision, Schemas['AllowDecision']>>();
  if (decision.decision === 'deny') holds<Same<typeof decision.userMessage, string>>();
  // @ts-expect-error there is a challenge only where one is due
  await sallyport.get('/v1/challenges/{challengeId}', { params: { path: { challengeId: decision.challenge.id } } });

  const list = await sallyport.get('/v1/accounts', { params: { query: { limit: 1 } } });
  holds<Same<typeof list.data, Schemas['Account'][]>>();
  holds<Same<typeof list.nextCursor, string | null>>();
  const gone = await sallyport.delete('/v1/devices/{deviceId}', { params: { path: { deviceId: 'dev_1' } } });
  holds<Same<typeof gone, undefined>>();
}

holds<Same<AnswerOf<'/v1/accounts/{accountId}/users/{userId}/devices', 'post'>, Schemas['EnrolledDevice']>>();
holds<Same<AnswerOf<'/v1/challenges/{challengeId}/codes', 'post'>, Schemas['SentCode']>>();
holds<Same<SallyportError['code'], ErrorCode>>();

/** The codes are a closed union: whoever handles all needs no default. */
export function seriousness(code: ErrorCode): boolean {
  // @ts-expect-error there is no such code
  if (code === 'code_wrong') return true;
  return code === 'locked' || code === 'unavailable';
}
