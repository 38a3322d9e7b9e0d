import { expect, test } from '@jest/globals';
import { UsersOfCalls } from './users-of-calls.js';

type Request = Parameters<UsersOfCalls['of']>[0];
const request = (params: object, body?: object, tenantId = 'tnt_1') =>
  ({ params, body, caller: { tenantId } }) as unknown as Request;
const jane = { accountId: 'acme', userId: 'jane' };

test('a user is the same by the address and by the body, and another one in another account or tenant', () => {
  const users = new UsersOfCalls();
  const user = users.of(request(jane));
  expect(user).toBeDefined();
  expect(users.of(request({}, jane))).toBe(user);
  expect(users.of(request({ ...jane, accountId: 'other' }))).not.toBe(user);
  expect(users.of(request({}, jane, 'tnt_2'))).not.toBe(user);
  expect(users.of(request({ accountId: 'acme' }))).toBeUndefined();
});

test('challenges and devices that were shown for a user are that user, in that tenant only', () => {
  const users = new UsersOfCalls();
  const user = users.of(request({}, jane));
  users.learn(user, { decision: 'challenge', challenge: { id: 'chl_1', devices: [{ id: 'dev_1' }] } });
  users.learn(user, { data: [{ id: 'dev_2' }] });
  for (const params of [{ challengeId: 'chl_1' }, { deviceId: 'dev_1' }, { deviceId: 'dev_2' }]) {
    expect(users.of(request(params))).toBe(user);
    expect(users.of(request(params, undefined, 'tnt_2'))).not.toBe(user);
  }
});

test('an id that was never shown stands for its user, and nothing is learned from calls about nobody', () => {
  const users = new UsersOfCalls();
  expect(users.of(request({ challengeId: 'chl_9' }))).toBe(users.of(request({ challengeId: 'chl_9' })));
  expect(users.of(request({ challengeId: 'chl_9' }))).not.toBe(users.of(request({ challengeId: 'chl_8' })));
  for (const answer of [undefined, null, 'text', { data: null }, { id: 5 }]) users.learn('["t","a","u"]', answer);
  users.learn(undefined, { id: 'dev_1' });
  expect(users.of(request({}))).toBeUndefined();
});
