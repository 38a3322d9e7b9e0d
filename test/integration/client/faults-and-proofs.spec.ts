import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import { loadKeys } from '#runtime';
import { between, client, panel, refusal, sallyport, serve } from '../../support/client-passages.js';

const firstOnly = (act: (response: ServerResponse) => void) => (index: number, response: ServerResponse) => {
  if (index === 0) act(response);
  return index === 0;
};

const deliveriesOf = async (deviceId: string) => {
  const { data } = await sallyport.get('/v1/deliveries', { params: { query: { deviceId } } });
  return data;
};

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
