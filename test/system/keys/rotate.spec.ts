import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { newEventKey, Sealer } from '#persistence';
import { loadKeys } from '#runtime';
import { KeysTraffic } from '../../support/keys-traffic.js';
import { startRotatingFleet, type RotatingFleet } from '../../support/rotating-fleet.js';
import { startReceiver, type Receiver } from '../../support/webhook-receiver.js';

// Six processes, each restarted three times, on a machine that may be busy.
jest.setTimeout(900_000);

/** T23: every kind of key is replaced while people log in, by the commands and in the order that the runbook gives. */
let fleet: RotatingFleet;
let receiver: Receiver;
let traffic: KeysTraffic;
/** Users beside those who log in: sealing their profiles anew takes a while. */
const many = 6000;

beforeAll(async () => {
  [fleet, receiver] = await Promise.all([startRotatingFleet(), startReceiver()]);
  traffic = new KeysTraffic(fleet);
  await traffic.start(5);
  await addUsers();
}, 600_000);
afterAll(async () => {
  await traffic?.stop();
  await fleet?.stop();
  await receiver?.close();
});

async function addUsers(): Promise<void> {
  const { sealing } = loadKeys(['sealing'], { SALLYPORT_KEYS: fleet.keyFiles['gateway'] });
  const sealer = new Sealer(sealing);
  const ids = Array.from({ length: many }, (_, index) => `usr_many${String(index).padStart(6, '0')}`);
  const profile = JSON.stringify({ displayName: 'One of many', email: null, phone: null });
  await fleet.sql(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
     select g.id, a.tenant_id, a.id, g.id, 'person', g.profile, g.key
     from unnest($1::text[], $2::bytea[], $3::bytea[]) as g(id, profile, key), (select * from account limit 1) a`,
    [
      ids,
      ids.map((id) => sealer.seal('profile', id, profile)),
      ids.map((id) => sealer.seal('event-key', id, newEventKey())),
    ],
  );
}

const kinds = ['sealing', 'webhook', 'pepper', 'proof', 'checkpoint'] as const;
const rotate = (step: string, kind: string, ...more: string[]) =>
  fleet.admin(['keys', 'rotate', step, kind, ...Object.values(fleet.keyFiles), ...more]);
const done = async (step: string, kind: string, ...more: string[]) => {
  const { status, stdout, stderr } = await rotate(step, kind, ...more);
  expect({ step, kind, status, stderr: status === 0 ? '' : stderr }).toEqual({ step, kind, status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
};
const refused = async (step: string, kind: string, words: string) => {
  const { status, stderr } = await rotate(step, kind);
  expect(status).toBe(1);
  expect(stderr).toContain(words);
};
const state = async () => {
  const { stdout } = await fleet.admin(['keys', 'rotate', 'status', ...Object.values(fleet.keyFiles)]);
  return JSON.parse(stdout) as {
    kind: string;
    next: string | null;
    keys: { id: string; active: boolean; inFiles: boolean; values?: number; retiredAt: string | null }[];
  }[];
};
const activeKeys = async () =>
  Object.fromEntries((await state()).map(({ kind, keys }) => [kind, keys.find(({ active }) => active)?.id ?? '']));
const valuesUnder = async (id: string) => {
  const [{ n } = { n: 0 }] = await fleet.sql<{ n: number }>(
    `select count(*)::int as n from app_user where substring(profile_sealed from 3 for get_byte(profile_sealed, 1)) = $1`,
    [Buffer.from(id)],
  );
  return n;
};
const kids = async () =>
  ((await fleet.call('GET', '/.well-known/jwks.json')).body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

test('as text, the keys stand in a table and what is next in words', async () => {
  const named = Object.values(fleet.keyFiles);
  const { stdout } = await fleet.admin(['keys', 'rotate', 'status', '--text', ...named]);
  const keys = (await state()).flatMap(({ kind, keys }) => keys.map(({ id }) => ({ kind, id })));
  const [title, ...lines] = stdout.split('\n');
  expect(title).toMatch(/^kind +key +active +in files +known +values +used since +retired at$/);
  for (const [index, { kind, id }] of keys.entries())
    expect(lines[index]).toMatch(new RegExp(`^${kind} +${id} +yes +`));
  expect(stdout).not.toMatch(/[{}"]/);
  expect(stdout).toMatch(/\n\nNo rotation is under way\.\n$/);
});

test('T23: every kind of key is replaced while people log in: nobody is refused, and nothing is under a former key', async () => {
  const { body: webhook } = await fleet.call('POST', '/v1/webhooks', { url: receiver.url, types: ['lockout.*'] });
  const former = await activeKeys();
  expect(await kids()).toEqual([former['proof']]);

  for (const kind of kinds) await done('add', kind);
  const added = Object.fromEntries(
    (await state()).map(({ kind, keys }) => [kind, keys.find(({ active }) => !active)?.id ?? '']),
  );
  // No process knows them yet, and none but one may be on its way.
  for (const kind of kinds) await refused('use', kind, 'no process has started with');
  await refused('add', 'sealing', 'more than one sealing key already');
  await fleet.roll();

  expect(new Set(await kids())).toEqual(new Set([former['proof'], added['proof']]));
  for (const kind of kinds) expect(await done('use', kind)).toMatchObject({ active: added[kind] });
  await refused('reseal', 'sealing', 'no process uses the sealing key');
  await refused('retire', 'proof', 'no process has started with it');
  await fleet.roll();
  expect(await activeKeys()).toEqual(added);
  await refused('retire', 'sealing', 'values are still sealed under');

  const args = ['keys', 'rotate', 'reseal', 'sealing', ...Object.values(fleet.keyFiles)];
  const before = await valuesUnder(former['sealing'] ?? '');
  expect(before).toBeGreaterThanOrEqual(many);
  const killed = await fleet.admin(args, async () => (await valuesUnder(added['sealing'] ?? '')) > 500);
  expect(killed.status).toBe('SIGKILL');
  const left = await valuesUnder(former['sealing'] ?? '');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(before - 400);
  expect(await done('reseal', 'sealing')).toMatchObject({ left: 0, unreadable: [], finished: true });
  expect(await done('reseal', 'webhook')).toMatchObject({ sealed: 1, left: 0 });
  expect(await valuesUnder(former['sealing'] ?? '')).toBe(0);

  await refused('retire', 'proof', 'may still be in use');
  await recoveryCodesRenewed(added['pepper'] ?? '');
  await refused('retire', 'pepper', 'may still be in use');
  // As a quarter of an hour later.
  for (const kind of ['proof', 'pepper']) {
    await fleet.sql(
      `update known_key set used_since = used_since - interval '16 minutes' where kind = $1 and id = $2`,
      [kind, added[kind]],
    );
  }
  for (const kind of kinds) expect(await done('retire', kind)).toMatchObject({ retired: former[kind] });
  // Nobody who still has the former files is ready; then the former keys are gone everywhere.
  await fleet.roll();
  await sleep(3000);
  await traffic.stop();

  expect(traffic.wrong).toEqual([]);
  expect(traffic.rounds).toBeGreaterThan(20);
  expect(await kids()).toEqual([added['proof']]);
  for (const { kind, keys, next } of await state()) {
    expect({ kind, next }).toEqual({ kind, next: null });
    expect(keys.filter(({ inFiles }) => inFiles).map(({ id }) => id)).toEqual([added[kind]]);
    const gone = keys.find(({ id }) => id === former[kind]);
    expect(gone).toMatchObject({ retiredAt: expect.any(String), ...(gone?.values !== undefined && { values: 0 }) });
  }
  for (const file of Object.values(fleet.keyFiles))
    for (const id of Object.values(former)) expect(await readFile(file, 'utf8')).not.toContain(id);

  // The secret of the webhook is the one that its owner was given.
  expect((await fleet.call('POST', `/v1/webhooks/${webhook.id}/test`)).status).toBe(202);
  for (let waited = 0; receiver.received.length === 0 && waited < 60_000; waited += 50) await sleep(50);
  const [arrived] = receiver.received;
  expect(() => new Webhook(webhook.secret).verify(arrived?.body ?? '', arrived?.headers ?? {})).not.toThrow();
});

test('checkpoints of the time between carry the signatures of both keys, and the log says what was replaced', async () => {
  const told = await fleet.sql<{ kind: string; sealed: boolean }>(
    `select e.data ->> 'kind' as kind, exists (select from audit_entry a where a.event_id = e.id) as sealed
     from event e where e.type = 'key.rotated' order by 1`,
  );
  expect(told.map(({ kind }) => kind)).toEqual([...kinds].toSorted());
  // Each key signs in two ways.
  const { body } = await fleet.call('GET', `/.well-known/audit-keys/${await tenantId()}`);
  expect(body.keys).toHaveLength(4);
  expect((await signatures())[0]).toBe(2);
  expect(await signatures()).toContain(4);
  // What was signed last by an audit worker that had both may be the newest for ten seconds.
  for (let waited = 0; (await signatures()).at(-1) !== 2 && waited < 60_000; waited += 500) await sleep(500);
  expect((await signatures()).at(-1)).toBe(2);
});

/** Everybody's recovery codes are made under a key once they have made new ones. */
async function recoveryCodesRenewed(id: string): Promise<void> {
  const under = async () => {
    const [{ n } = { n: 0 }] = await fleet.sql<{ n: number }>(
      `select count(*)::int as n from recovery_code
       where used_at is null and position($1::bytea in substring(mac from 1 for 20)) = 0`,
      [Buffer.from(id)],
    );
    return n;
  };
  for (let waited = 0; (await under()) > 0 && waited < 60_000; waited += 200) await sleep(200);
}

/** How many signatures each checkpoint carries, the oldest first. */
async function signatures(): Promise<number[]> {
  const notes = await fleet.sql<{ n: number }>(
    `select (length(note) - length(replace(note, chr(8212) || ' ', ''))) / 2 as n from audit_checkpoint order by size`,
  );
  return notes.map(({ n }) => n);
}

async function tenantId(): Promise<string> {
  return (await fleet.sql<{ id: string }>('select id from tenant'))[0]?.id ?? '';
}
