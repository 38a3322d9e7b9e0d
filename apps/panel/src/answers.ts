import type { AnswerOf } from '#client';

/** What Sallyport answers, by the names that this panel gives to it. */
export type Decision = AnswerOf<'/v1/challenges', 'post'>;
export type OpenedChallenge = Extract<Decision, { challenge: unknown }>['challenge'];
export type ChallengeDevice = OpenedChallenge['devices'][number];
export type User = AnswerOf<'/v1/accounts/{accountId}/users/{userId}', 'get'>;
export type Device = User['devices'][number];
export type Method = Device['method'];
export type EnrolledDevice = AnswerOf<'/v1/accounts/{accountId}/users/{userId}/devices', 'post'>;
export type TrustedBrowser = AnswerOf<
  '/v1/accounts/{accountId}/users/{userId}/trusted-browsers',
  'get'
>['data'][number];
export type OwnEvents = AnswerOf<'/v1/accounts/{accountId}/users/{userId}/audit/proofs', 'get'>;
export type ProvedEvent = OwnEvents['data'][number];
