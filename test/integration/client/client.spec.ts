import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import { Sallyport, SallyportError, type SallyportOptions } from '#client';
import { loadKeys } from '#runtime';
import { startPanel, totp, wrongTotp, type TestPanel } from '../../support/gateway-harness.js';

let panel: TestPanel;
let sallyport: Sallyport;
const servers: Server[] = [];

beforeAll(async () => {
  panel = await startPanel();
  sallyport = client();
});
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    }),
  );
});
afterAll(() => panel.stop());

function client(options: Partial<SallyportOptions> = {}): Sallyport {
  return new Sallyport({ url: panel.url, apiKey: panel.apiKey, ...options });
}

/** The refusal of a call that must not succeed. */
async function refusal(call: Promise<unknown>): Promise<SallyportError> {
  const answer = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in answer) throw new Error(`It was answered: ${JSON.stringify(answer.value)}`);
  if (!(answer.error instanceof SallyportError)) throw answer.error;
  return answer.error;
}

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Passage {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
}

/**
 * A server between panel and gateway. `fault` is told of each request with its number, from 0; where it returns true it
 * has answered, or not, itself. `before`: the gateway does not get the request; `after`: it has answered it.
 */
async function between(fault: {
  before?: (index: number, response: ServerResponse) => boolean;
  after?: (index: number, response: ServerResponse) => boolean;
}): Promise<{ url: string; passed: Passage[] }> {
  const passed: Passage[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const index = passed.length;
    const { method = '', url: path = '', headers } = request;
    passed.push({ method, path, key: headers['idempotency-key'] as string | undefined });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (fault.before?.(index, response)) return;
    const { host: _host, connection: _connection, 'content-length': _length, ...rest } = headers;
    const answer = await fetch(`${panel.url}${path}`, {
      method,
      headers: rest as Record<string, string>,
      body: parts.length === 0 ? null : Buffer.concat(parts),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (fault.after?.(index, response)) return;
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  };
  const url = await serve((request, response) => void pass(request, response));
  return { url, passed };
}

const firstOnly = (act: (response: ServerResponse) => void) => (index: number, response: ServerResponse) => {
  if (index === 0) act(response);
  return index === 0;
};

const deliveriesOf = async (deviceId: string) => {
  const { data } = await sallyport.get('/v1/deliveries', { params: { query: { deviceId } } });
  return data;
};

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

describe('what gets no answer', () => {
  test('is repeated under one key, so that an answer that was lost costs no second SMS', async () => {
    const user = await panel.user(panel, { phone: '+31612345678' });
    const { url, passed } = await between({ after: firstOnly((response) => response.destroy()) });
    const device = await client({ url }).post('/v1/accounts/{accountId}/users/{userId}/devices', {
      params: { path: { accountId: user.accountId, userId: user.userId } },
      body: { method: 'sms', name: 'Phone' },
    });
    expect(passed).toHaveLength(2);
    expect(passed[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
    expect(passed[1]?.key).toBe(passed[0]?.key);
    expect(await deliveriesOf(device.id)).toHaveLength(1);
    // Without a key the second would have been another device.
    const owner = await sallyport.get('/v1/accounts/{accountId}/users/{userId}', {
      params: { path: { accountId: user.accountId, userId: user.userId } },
    });
    expect(owner.devices).toHaveLength(1);
  });

  test('is repeated where the answer broke off in the middle', async () => {
    const { url, passed } = await between({
      after: firstOnly((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"data":');
        setImmediate(() => response.destroy());
      }),
    });
    expect((await client({ url }).get('/v1/accounts')).data.length).toBeGreaterThan(0);
    expect(passed).toHaveLength(2);
  });

  test.each([408, 502, 503, 504])('is repeated after a %i', async (status) => {
    const { url, passed } = await between({
      before: firstOnly((response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>no</h1>')),
    });
    expect((await client({ url }).get('/v1/accounts')).data.length).toBeGreaterThan(0);
    expect(passed).toHaveLength(2);
  });

  test('is repeated after a time-out', async () => {
    const { url, passed } = await between({ before: firstOnly(() => undefined) });
    expect((await client({ url, timeoutMs: 500 }).get('/v1/accounts')).data.length).toBeGreaterThan(0);
    expect(passed).toHaveLength(2);
  });

  test('is repeated while the first is still running', async () => {
    const problem = { code: 'idempotency_in_progress', status: 409, title: 'Request in progress', requestId: 'req_1' };
    const { url, passed } = await between({
      before: firstOnly((response) =>
        response
          .writeHead(409, { 'content-type': 'application/problem+json', 'retry-after': '1' })
          .end(JSON.stringify(problem)),
      ),
    });
    await client({ url }).put('/v1/accounts/{accountId}', { params: { path: { accountId: 'again' } }, body: {} });
    expect(passed).toHaveLength(2);
  });

  test('is given up after the retries, with its cause', async () => {
    const { url, passed } = await between({ before: (_index, response) => Boolean(response.destroy()) });
    const error = await refusal(client({ url, retries: 1 }).get('/v1/accounts'));
    expect(error).toMatchObject({ code: 'unavailable', status: 503, cause: { message: 'fetch failed' } });
    expect(error.requestId).toBeUndefined();
    expect(passed).toHaveLength(2);

    const nobody = await refusal(client({ url: 'http://127.0.0.1:9', retries: 0 }).get('/v1/accounts'));
    expect(nobody).toMatchObject({ code: 'unavailable', detail: 'http://127.0.0.1:9 did not answer.' });
  });

  test('is repeated when it asked for that, and not before', async () => {
    let open = Number.POSITIVE_INFINITY;
    const { url, passed } = await between({
      before: (index, response) => {
        if (index === 0) open = performance.now() + 1000;
        return performance.now() < open && Boolean(response.writeHead(503, { 'retry-after': '1' }).end());
      },
    });
    expect((await client({ url, retries: 1 }).get('/v1/accounts')).data.length).toBeGreaterThan(0);
    expect(passed).toHaveLength(2);
  });

  test('is given up at once where it asks for a long wait', async () => {
    const { url, passed } = await between({
      before: (_index, response) => Boolean(response.writeHead(503, { 'retry-after': '60' }).end()),
    });
    expect(await refusal(client({ url }).get('/v1/accounts'))).toMatchObject({ code: 'unavailable', status: 503 });
    expect(passed).toHaveLength(1);
  });

  test.each([0, 2])('is not waited for when the caller gives up, of %i retries', async (retries) => {
    const controller = new AbortController();
    const { url, passed } = await between({
      before: () => {
        controller.abort(new Error('the user has gone'));
        return true;
      },
    });
    const call = client({ url, retries }).get('/v1/accounts', { signal: controller.signal });
    await expect(call).rejects.toThrow('the user has gone');
    expect(passed).toHaveLength(1);
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

describe('a proof', () => {
  const claims = { jti: 'prf_1', acc: 'a', purpose: 'login', chl: 'chl_1', amr: ['otp'] };
  const expected = { accountId: 'a', userId: 'u', purpose: 'login' } as const;

  interface Forgery {
    readonly key?: KeyObject;
    readonly alg?: string;
    readonly kid?: string;
    readonly issuer?: string;
    readonly audience?: string;
    readonly expires?: string;
    readonly claims?: object;
  }

  /** A proof as the gateway signs them, but for what a forger would change. */
  function sign(forgery: Forgery = {}): Promise<string> {
    const { proof } = loadKeys(['proof'], { SALLYPORT_KEYS: panel.keyFile });
    return new SignJWT({ ...claims, ...forgery.claims })
      .setProtectedHeader({ alg: forgery.alg ?? 'EdDSA', kid: forgery.kid ?? proof.id })
      .setIssuer(forgery.issuer ?? 'sallyport')
      .setAudience(forgery.audience ?? panel.tenantId)
      .setSubject('u')
      .setIssuedAt()
      .setExpirationTime(forgery.expires ?? '5m')
      .sign(forgery.key ?? proof.privateKey);
  }

  test('is believed as it is', async () => {
    expect(await client({ tenantId: panel.tenantId }).verifyProof(await sign(), expected)).toMatchObject({
      id: 'prf_1',
      challengeId: 'chl_1',
      deviceId: null,
      application: null,
      amr: ['otp'],
      detail: null,
    });
    const proof = await sign({ claims: { application: 'emergency' } });
    const here = { ...expected, application: 'emergency' };
    expect(await sallyport.verifyProof(proof, here)).toMatchObject({ application: 'emergency' });
    expect(await sallyport.verifyProof(proof, expected)).toMatchObject({ application: 'emergency' });
  });

  test('of another user, purpose, challenge or application is refused', async () => {
    const proof = await sign();
    for (const [more, words] of [
      [{ userId: 'v' }, /another user/],
      [{ accountId: 'b' }, /another user/],
      [{ purpose: 'disable' }, /"login", not for "disable"/],
      [{ challengeId: 'chl_2' }, /another challenge/],
      [{ application: 'emergency' }, /another application/],
    ] as const) {
      const error = await refusal(sallyport.verifyProof(proof, { ...expected, ...more }));
      expect(error.code).toBe('proof_invalid');
      expect(error.detail).toMatch(words);
    }
  });

  test('that is forged, expired or none at all is refused', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const valid = await sign();
    const [header = '', body = '', signature = ''] = valid.split('.');
    const changed = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"login"', '"disable"')).toString(
      'base64url',
    );
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const proofs = {
      'another key': await sign({ key: stranger }),
      'an unknown key': await sign({ key: stranger, kid: 'p-unknown' }),
      'a changed text': `${header}.${changed}.${signature}`,
      'no signature': `${unsigned}.${body}.`,
      'an expired one': await sign({ expires: '-10s' }),
      'another issuer': await sign({ issuer: 'elsewhere' }),
      'without its claims': await sign({ claims: { chl: undefined } }),
      'an odd claim': await sign({ claims: { acc: 7 } }),
      'an odd application': await sign({ claims: { application: 7 } }),
      garbage: 'garbage',
      nothing: '',
      null: null,
      undefined: undefined,
    };
    for (const [what, proof] of Object.entries(proofs)) {
      const purpose = what === 'a changed text' ? 'disable' : 'login';
      const error = await refusal(sallyport.verifyProof(proof, { ...expected, purpose }));
      expect([what, error.code]).toEqual([what, 'proof_invalid']);
    }
    const foreign = await sign({ audience: 'tnt_other' });
    const error = await refusal(client({ tenantId: panel.tenantId }).verifyProof(foreign, expected));
    expect(error.code).toBe('proof_invalid');
  });

  test('is checked offline: many cost one look at the keys', async () => {
    const { url, passed } = await between({});
    const verifier = client({ url });
    const proofs = await Promise.all(Array.from({ length: 20 }, () => sign()));
    await Promise.all(proofs.map((proof) => verifier.verifyProof(proof, expected)));
    for (const proof of proofs) await verifier.verifyProof(proof, expected);
    expect(passed.map(({ path }) => path)).toEqual(['/.well-known/jwks.json']);
  });

  test('under a new key has the keys fetched again', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    let keys: object[] = [];
    const url = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys })),
    );
    const verifier = client({ url });
    const proof = await sign({ key: privateKey, kid: 'p-new' });
    expect((await refusal(verifier.verifyProof(proof, expected))).code).toBe('proof_invalid');
    keys = [{ ...(await exportJWK(publicKey)), kid: 'p-new', alg: 'EdDSA', use: 'sig' }];
    // Not within the second in which they were fetched last.
    await new Promise((done) => setTimeout(done, 1100));
    expect(await verifier.verifyProof(proof, expected)).toMatchObject({ userId: 'u' });
  });

  test('is neither right nor wrong while the keys cannot be had', async () => {
    const { url, passed } = await between({
      before: (_index, response) => Boolean(response.writeHead(503).end()),
    });
    const error = await refusal(client({ url, retries: 1 }).verifyProof(await sign(), expected));
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(passed).toHaveLength(2);
    expect(
      await refusal(client({ url: 'http://127.0.0.1:9', retries: 0 }).verifyProof(await sign(), expected)),
    ).toMatchObject({
      code: 'unavailable',
      cause: expect.anything(),
    });
  });
});
