import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventNames } from '#contracts';
import { createLogger, loadKeys, type RunningApp } from '#runtime';
import { ApiDescription } from '../../support/api-description.js';
import { auditState } from '../../support/audit-state.js';
import { startPanel, totp, wrongTotp, type TestPanel } from '../../support/gateway-harness.js';
import { pages } from '../../support/pages.js';
import { tamper } from '../../support/tamper.js';
import { startAuditWorker } from '../../support/apps.js';

let panel: TestPanel;
let api: ApiDescription;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
});
afterAll(() => panel.stop());

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

describe('the audit stream', () => {
  let worker: RunningApp & { wake(): void };
  let state: Awaited<ReturnType<typeof auditState>>;
  beforeAll(async () => {
    const logger = createLogger('audit-worker', { write: () => undefined });
    const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile });
    state = await auditState();
    const parts = { database: panel.database, logger, checkpointKey: checkpoint, stateDir: state.path };
    worker = await startAuditWorker(parts);
  });
  afterAll(async () => {
    await worker.stop();
    await state.remove();
  });

  /** When every event so far is sealed. */
  async function sealed(): Promise<void> {
    for (;;) {
      worker.wake();
      const [row] = await panel.sql<{ n: number }>(
        'select count(*)::int as n from event e where not exists (select from audit_entry n where n.event_id = e.id)',
      );
      if (row?.n === 0) return;
    }
  }

  test('names account and user so that no two are the same', async () => {
    const tenant = await panel.tenant();
    const users = [
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['a%2Fb', 'c'],
      ['a', 'b%2Fc'],
      ['a/', '/c'],
      ['a b', 'ü+c'],
    ] as const;
    for (const [account, user] of users) {
      const path = `/v1/accounts/${encodeURIComponent(account)}`;
      expect((await tenant.call('PUT', path, {})).status).toBeLessThan(300);
      expect((await tenant.call('PUT', `${path}/users/${encodeURIComponent(user)}`, {})).status).toBeLessThan(300);
    }
    await sealed();
    const { data } = (await api.checked(tenant.call)('GET', '/v1/audit/events?type=user.created')).body as {
      data: { subject: string; data: { accountId: string; userId: string } }[];
    };
    const subjects = data.map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(users.length);
    for (const { subject, data: facts } of data) {
      expect(subject.split('/').map(decodeURIComponent)).toEqual([facts.accountId, facts.userId]);
    }
    expect(subjects).toContain('a%2Fb/c');
    expect(subjects).toContain('a b/ü+c');
    const accounts = (await tenant.call('GET', '/v1/audit/events?type=account.created')).body.data;
    expect(accounts.map(({ subject }: { subject: string }) => subject)).toContain('a%252Fb');
  });

  test('is read from either end, page by page, and an empty page repeats its place', async () => {
    const tenant = await panel.tenant();
    const read = api.checked(tenant.call);
    expect((await read('GET', '/v1/audit/events')).body).toEqual({ data: [], nextCursor: null });
    // Beside that of its API key, and that of the reading above.
    for (let n = 0; n < 4; n += 1) await tenant.call('PUT', `/v1/accounts/paged-${n}`, {});
    await sealed();
    const all = (await read('GET', '/v1/audit/events')).body;
    const ids = all.data.map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(6);
    for (const [order, expected] of [
      ['oldest', ids],
      ['newest', ids.toReversed()],
    ] as const) {
      for (const name of ['cursor', 'after']) {
        const found: string[] = [];
        let place = '';
        for (let page = 0; page < 3; page += 1) {
          const { body } = await read('GET', `/v1/audit/events?order=${order}&limit=2${place && `&${name}=${place}`}`);
          found.push(...body.data.map(({ id }: { id: string }) => id));
          place = body.nextCursor;
        }
        expect(found).toEqual(expected);
        expect(place).toBe(expected.at(-1));
        // With another filter too: whoever asks again goes on from there.
        for (const filter of ['', '&type=user.created', '&accountId=paged-0']) {
          const { body } = await read('GET', `/v1/audit/events?order=${order}${filter}&${name}=${place}`);
          expect(body).toEqual({ data: [], nextCursor: place });
        }
      }
    }
    await tenant.call('PUT', '/v1/accounts/paged-later', {});
    await sealed();
    const { data } = (await read('GET', `/v1/audit/events?cursor=${all.nextCursor}`)).body;
    expect(data.map(({ subject }: { subject: string }) => subject)).toEqual(['paged-later']);
    const both = `cursor=${ids[0]}&after=${ids[1]}`;
    for (const query of [both, 'cursor=evt_unknown', 'after=evt_unknown', 'order=random']) {
      expect((await read('GET', `/v1/audit/events?${query}`)).status).toBe(400);
    }
  });

  test('is read by several types, and by what their names begin with', async () => {
    const tenant = await panel.tenant();
    const user = await panel.totpUser(tenant);
    await panel.challenge(user, {}, tenant);
    await panel.proof(user, 'transaction', tenant);
    await sealed();
    const types = async (query: string) => {
      const { status, body } = await api.checked(tenant.call)('GET', `/v1/audit/events?${query}`);
      expect(status).toBe(200);
      const names = body.data.map(({ type }: { type: string }) => type.replace('com.sallyport.', ''));
      return [...new Set<string>(names)].toSorted();
    };
    expect(await types('type=challenge.*')).toEqual(['challenge.approved', 'challenge.created']);
    expect(await types('type=com.sallyport.device.*')).toEqual(['device.enrolment_started', 'device.verified']);
    expect(await types('type=user.created&type=device.verified')).toEqual(['device.verified', 'user.created']);
    expect(await types('type=two_factor.*&type=account.created')).toEqual(['account.created', 'two_factor.enabled']);
    for (const type of ['unknown.*', 'challenge.', '*', 'challenge*', 'chall*', 'challenge.created.*', '%25', '']) {
      expect(await tenant.call('GET', `/v1/audit/events?type=${type}`)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/query/type' }] },
      });
    }
  });

  test('is not hidden by an event whose personal part somebody has moved to another user', async () => {
    const tenant = await panel.tenant();
    const [user, other] = [await panel.totpUser(tenant), await panel.totpUser(tenant)];
    const theirs = (await panel.tenant().then((foreign) => panel.user(foreign))).userId;
    await sealed();
    const list = async () =>
      (await tenant.call('GET', `/v1/audit/events?userId=${user.userId}&type=device.verified`)).body.data as {
        data: { personal?: object };
      }[];
    expect((await list())[0]?.data.personal).toBeDefined();
    for (const userId of [other.userId, theirs]) {
      await tamper(
        panel.databaseUrl,
        `update event set user_ref = (select id from app_user where external_id = $1) where user_id = $2`,
        [userId, user.userId],
      );
      const found = await list();
      expect(found).toHaveLength(1);
      expect(found[0]?.data.personal).toBeUndefined();
    }
  });

  test('tells what happened, oldest first, by every filter', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const user = await panel.totpUser(tenant);
    const { accountId, userId, deviceId } = user;
    const context = { ip: '192.0.2.7', userAgent: 'Browser' };
    const opened = await at('POST', '/v1/challenges', { accountId, userId, context });
    const id = opened.body.challenge.id;
    await at('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) });
    await at('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) });
    const stranger = await panel.user(tenant);
    await sealed();
    const list = async (query: string) => (await at('GET', `/v1/audit/events?${query}`)).body.data;

    const all = await list('limit=500');
    expect(all.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      all.map((_: unknown, index: number) => index + 1),
    );
    const types = all.map(({ type }: { type: string }) => type);
    for (const type of types) expect(eventNames).toContain(type.replace(/^com\.sallyport\./, ''));
    for (const name of [
      'account.created',
      'user.created',
      'device.verified',
      'two_factor.enabled',
      'recovery_codes.generated',
      'challenge.rejected',
    ]) {
      expect(types).toContain(`com.sallyport.${name}`);
    }
    const created = all.find(({ type }: { type: string }) => type === 'com.sallyport.challenge.created');
    expect(created).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^evt_/),
      type: 'com.sallyport.challenge.created',
      source: `/tenants/${tenant.tenantId}`,
      subject: `${accountId}/${userId}`,
      time,
      datacontenttype: 'application/json',
      dataschema: '/v1/event-schemas/com.sallyport.challenge.created',
      data: {
        accountId,
        userId,
        apiKeyId: expect.stringMatching(/^key_/),
        challengeId: id,
        purpose: 'login',
        requestId: opened.headers.get('x-request-id'),
        personal: { ip: '192.0.2.7', userAgent: 'Browser' },
      },
      sequence: expect.any(Number),
      index: expect.any(Number),
      sealed: expect.any(String),
    });

    expect(await list(`accountId=${stranger.accountId}`)).toHaveLength(2);
    expect(await list(`userId=${stranger.userId}`)).toHaveLength(1);
    expect(await list('type=challenge.approved')).toMatchObject([
      { data: { challengeId: id, deviceId, amr: ['otp'] } },
    ]);
    expect(await list('type=com.sallyport.challenge.approved')).toHaveLength(1);
    expect(await list(`type=challenge.approved&userId=${stranger.userId}`)).toHaveLength(0);
    const middle = all[3].time;
    const [from, to] = [await list(`from=${middle}&limit=500`), await list(`to=${middle}&limit=500`)];
    expect(from.length + to.length).toBe(all.length);
    expect(await list('from=2100-01-01T00:00:00Z')).toHaveLength(0);
    expect(await list('to=2000-01-01T00:00:00%2B02:00')).toHaveLength(0);

    const found = await pages(at, '/v1/audit/events', 3);
    expect(found.flat()).toEqual(all);
  });

  test('goes on after the last event that was seen, also when there is nothing new', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    expect((await at('GET', '/v1/audit/events?limit=500')).body.data).toBeInstanceOf(Array);
    await panel.user(tenant);
    await sealed();
    const first = (await at('GET', '/v1/audit/events?limit=500')).body;
    const after = `/v1/audit/events?after=${first.nextCursor}`;
    expect((await at('GET', after)).body.data).toEqual([]);
    await at('PUT', '/v1/accounts/new', {});
    await sealed();
    expect((await at('GET', after)).body.data).toMatchObject([
      { type: 'com.sallyport.account.created', subject: 'new' },
    ]);
  });

  test('keeps the events of an erased user, and what was personal in them no more', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const user = await panel.totpUser(tenant);
    await sealed();
    const list = async () => (await at('GET', `/v1/audit/events?userId=${user.userId}&limit=500`)).body.data;
    const before = await list();
    expect(before.some(({ data }: { data: object }) => 'personal' in data)).toBe(true);
    await at('DELETE', user.path);
    await sealed();
    const after = await list();
    expect(after).toHaveLength(before.length + 1);
    expect(after.some(({ data }: { data: object }) => 'personal' in data)).toBe(false);
    const hashes = (events: { sealed: string }[]) => events.map(({ sealed }) => sealed);
    expect(hashes(after).slice(0, before.length)).toEqual(hashes(before));
  });
});
