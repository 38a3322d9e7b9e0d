import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Sallyport } from '#client';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import { between, client, panel, refusal, sallyport, serve } from '../../support/client-passages.js';

describe('calls', () => {
  test('a whole login: account, user, device, decision, code, proof, session', async () => {
    const [accountId, userId] = ['acme', 'jane/doe?'];
    const path = { accountId, userId };
    expect(await sallyport.put('/v1/accounts/{accountId}', { params: { path }, body: { name: 'Acme' } })).toMatchObject(
      { id: accountId, name: 'Acme' },
    );
    const user = await sallyport.put('/v1/accounts/{accountId}/users/{userId}', {
      params: { path },
      body: { displayName: 'Jane', kind: 'person' },
    });
    expect(user).toMatchObject({ id: userId, displayName: 'Jane', twoFactor: { status: 'disabled' } });

    const before = await sallyport.post('/v1/challenges', { body: { accountId, userId, purpose: 'login' } });
    expect(before).toMatchObject({ decision: 'allow', reason: 'two_factor_off' });

    const device = await sallyport.post('/v1/accounts/{accountId}/users/{userId}/devices', {
      params: { path },
      body: { method: 'totp', name: 'App' },
    });
    const secret = device.totp?.secret ?? '';
    const verified = await sallyport.post('/v1/devices/{deviceId}/verify', {
      params: { path: { deviceId: device.id } },
      body: { code: totp(secret) },
    });
    expect(verified.status).toBe('verified');
    expect(verified.recoveryCodes).toHaveLength(10);

    const decision = await sallyport.post('/v1/challenges', { body: { accountId, userId } });
    const challengeId = decision.decision === 'challenge' ? decision.challenge.id : '';
    expect(challengeId).not.toBe('');
    const approved = await sallyport.post('/v1/challenges/{challengeId}/verify', {
      params: { path: { challengeId } },
      body: { recoveryCode: verified.recoveryCodes?.[0] ?? '' },
    });
    expect(approved.recoveryCodesLeft).toBe(9);
    const claims = await sallyport.verifyProof(approved.proof, { accountId, userId, purpose: 'login', challengeId });
    expect(claims).toMatchObject({ accountId, userId, purpose: 'login', challengeId, tenantId: panel.tenantId });
    expect(claims.expiresAt.getTime() - claims.issuedAt.getTime()).toBe(300_000);
  });

  test('a 204 is undefined, a list takes its query, a protected call its proof', async () => {
    const user = await panel.totpUser();
    const params = { path: { accountId: user.accountId, userId: user.userId } };
    const gone = await sallyport.delete('/v1/accounts/{accountId}/users/{userId}/trusted-browsers', { params });
    expect(gone).toBeUndefined();

    const page = await sallyport.get('/v1/accounts', { params: { query: { limit: 1 } } });
    expect(page.data).toHaveLength(1);

    const codes = '/v1/accounts/{accountId}/users/{userId}/recovery-codes';
    expect(await refusal(sallyport.post(codes, { params }))).toMatchObject({ code: 'proof_required', status: 422 });
    const proof = await panel.proof(user, 'regenerate_recovery_codes');
    const made = await sallyport.post(codes, { params, headers: { 'Sallyport-Proof': proof } });
    expect(made.recoveryCodes).toHaveLength(10);
  });

  test('an id that no address can hold is refused before it leads to another call', async () => {
    const { url, passed } = await between({});
    for (const userId of ['', '.', '..']) {
      const error = await refusal(
        client({ url }).get('/v1/accounts/{accountId}/users/{userId}', {
          params: { path: { accountId: 'a', userId } },
        }),
      );
      expect(error).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/path/userId' }] });
    }
    expect(passed).toEqual([]);
  });
});

describe('a refusal', () => {
  test('has its code, its words and its details', async () => {
    const user = await panel.totpUser();
    const challengeId = await panel.challenge(user);
    const params = { path: { challengeId } };
    const check = () =>
      sallyport.post('/v1/challenges/{challengeId}/verify', { params, body: { code: wrongTotp(user.secret) } });

    const wrong = await refusal(check());
    expect(wrong).toMatchObject({ name: 'SallyportError', code: 'code_invalid', status: 422, attemptsLeft: 4 });
    expect(wrong.userMessage).toMatch(/\w/);
    expect(wrong.requestId).toMatch(/^req_/);
    expect(wrong.message).toBe(`code_invalid: ${wrong.detail}`);

    await panel.sql(`update device set locked_until = now() + interval '1 hour' where id = '${user.deviceId}'`);
    const locked = await refusal(check());
    expect(locked).toMatchObject({ code: 'locked', status: 429, lockedUntil: expect.stringMatching(/Z$/) });
    expect(locked.retryAfter).toBeGreaterThan(3000);

    const unknown = await refusal(
      sallyport.get('/v1/devices/{deviceId}', { params: { path: { deviceId: 'dev_none' } } }),
    );
    expect(unknown).toMatchObject({ code: 'not_found', status: 404 });
    expect('retryAfter' in unknown).toBe(false);
  });

  test('of a body says where', async () => {
    // @ts-expect-error purposes are known
    const call = sallyport.post('/v1/challenges', { body: { accountId: 'a', userId: 'u', purpose: 'fun' } });
    expect(await refusal(call)).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/purpose' }] });
  });

  test('of the key shows no key, nor does the client', async () => {
    const apiKey = 'sp_thisIsNoKeyOfAnyTenant0123456789';
    const stranger = client({ apiKey });
    const error = await refusal(stranger.get('/v1/accounts'));
    expect(error).toMatchObject({ code: 'unauthenticated', status: 401 });
    const unreachable = await refusal(client({ apiKey, url: 'http://127.0.0.1:9', retries: 0 }).get('/v1/accounts'));
    for (const shown of [error, unreachable, stranger]) {
      expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain(apiKey);
      expect(JSON.stringify(shown)).not.toContain(apiKey);
    }
    for (const wrong of [`${apiKey}\n`, `${apiKey} `, '']) {
      const make = () => client({ apiKey: wrong });
      expect(make).toThrow(TypeError);
      expect(make).not.toThrow(new RegExp(apiKey));
    }
    expect(() => client({ url: 'sallyport.example' })).toThrow(TypeError);
  });

  test('speaks the language of the client, or of the call', async () => {
    const user = await panel.totpUser();
    const code = wrongTotp(user.secret);
    const words = async (from: Sallyport, language?: string) => {
      const params = { path: { challengeId: await panel.challenge(user) } };
      const call = from.post('/v1/challenges/{challengeId}/verify', { params, body: { code }, language });
      return (await refusal(call)).userMessage;
    };
    const english = await words(sallyport);
    const dutch = await words(client({ language: 'nl' }));
    const czech = await words(client({ language: 'nl' }), 'cs');
    expect(english).toMatch(/code is incorrect/i);
    expect(new Set([english, dutch, czech]).size).toBe(3);
  });
});

describe('an answer', () => {
  test('of 429 is not asked for again: it is for the person who waits', async () => {
    const user = await panel.user(panel, { phone: '+31612345678' });
    const { url, passed } = await between({});
    const params = { path: { accountId: user.accountId, userId: user.userId } };
    const device = await client({ url }).post('/v1/accounts/{accountId}/users/{userId}/devices', {
      params,
      body: { method: 'sms', name: 'Phone' },
    });
    const again = client({ url }).post('/v1/devices/{deviceId}/codes', { params: { path: { deviceId: device.id } } });
    expect(await refusal(again)).toMatchObject({ code: 'resend_too_soon', status: 429 });
    expect(passed).toHaveLength(2);
  });

  test('with a key of the caller is the same each time', async () => {
    const user = await panel.totpUser();
    const { accountId, userId } = user;
    const open = () =>
      sallyport.post('/v1/challenges', { body: { accountId, userId }, headers: { 'Idempotency-Key': 'mine' } });
    expect(await open()).toEqual(await open());
  });

  test('that is none of Sallyport is said to be none', async () => {
    const page = await serve((_request, response) => response.writeHead(200).end('<h1>Welcome</h1>'));
    const moved = await serve((_request, response) => response.writeHead(301, { location: panel.url }).end());
    const gone = await serve((_request, response) => response.writeHead(404).end('nothing here'));
    for (const [url, status] of [
      [page, undefined],
      [moved, 301],
      [gone, 404],
    ] as const) {
      const error = await refusal(client({ url }).get('/v1/accounts'));
      expect(error).toMatchObject({ code: 'unavailable', ...(status && { status }) });
      expect(error.detail).toContain('Is it the address');
    }
  });
});
