import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '#contracts';
import { auditState } from '../../support/audit-state.js';
import { EventStream } from '../../support/event-stream.js';
import { startPanel, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { sealPanel } from '../../support/seal-panel.js';

/** Events found by the thing that they are about: in the list, the export and the live stream. */

let panel: TestPanel;
let tenant: TestTenant;
const [device, challenge, request] = [newId('device'), newId('challenge'), newId('request')];

interface Listed {
  readonly id: string;
  readonly sequence: number;
}

/** One event for each combination of ours and another's, two of all. */
const events = [true, false].flatMap((ofDevice) =>
  [true, false].flatMap((ofChallenge) =>
    [true, false].flatMap((ofRequest) =>
      ['challenge.created', 'challenge.approved'].map((type) => ({
        id: newId('event'),
        type,
        request: ofRequest ? request : newId('request'),
        data: {
          deviceId: ofDevice ? device : newId('device'),
          ...(ofChallenge && { challengeId: challenge }),
        },
      })),
    ),
  ),
);

beforeAll(async () => {
  panel = await startPanel();
  tenant = await panel.tenant();
  await panel.sql(
    `insert into event (id, tenant_id, type, account_id, user_id, request_id, data)
     select e->>'id', $1, e->>'type', 'acme', 'jana', e->>'request', e->'data' from jsonb_array_elements($2::jsonb) e`,
    [tenant.tenantId, JSON.stringify(events)],
  );
  const state = await auditState();
  await sealPanel(panel, state.path);
  await state.remove();
});
afterAll(() => panel.stop());

const filters = {
  deviceId: ({ data }: (typeof events)[0]) => data.deviceId === device,
  challengeId: ({ data }: (typeof events)[0]) => 'challengeId' in data,
  requestId: (event: (typeof events)[0]) => event.request === request,
  type: ({ type }: (typeof events)[0]) => type === 'challenge.created',
};
const values = { deviceId: device, challengeId: challenge, requestId: request, type: 'challenge.created' };
const names = Object.keys(filters) as (keyof typeof filters)[];
const sets = names.flatMap((one, index) => [[one], ...names.slice(index + 1).map((other) => [one, other])]);

const wanted = (set: readonly (keyof typeof filters)[]) =>
  events.filter((event) => set.every((name) => filters[name](event))).map(({ id }) => id);
const queryOf = (set: readonly (keyof typeof filters)[]) =>
  new URLSearchParams(set.map((name): [string, string] => [name, values[name]])).toString();

test.each(sets.map((set) => [set.join(' and '), set] as const))('by %s', async (_, set) => {
  const query = queryOf(set);
  for (const order of ['oldest', 'newest']) {
    const pages: Listed[] = [];
    for (let cursor = ''; ;) {
      const { body } = await tenant.call('GET', `/v1/audit/events?${query}&order=${order}&limit=3${cursor}`);
      pages.push(...body.data);
      if (body.data.length < 3) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(pages.map(({ id }) => id).toSorted()).toEqual(wanted(set).toSorted());
    const sequences = pages.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => (order === 'oldest' ? a - b : b - a)));
  }
  const text = await fetch(`${panel.url}/v1/audit/export?format=cloudevents&${query}`, {
    headers: { authorization: `Bearer ${tenant.apiKey}` },
  }).then((answer) => answer.text());
  const lines = text.split('\n').slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as Listed).id).toSorted()).toEqual(wanted(set).toSorted());
});

test('in the live stream, from before and as it comes', async () => {
  const [first] = (await tenant.call('GET', '/v1/audit/events?limit=1')).body.data as Listed[];
  const query = `?${queryOf(['deviceId', 'challengeId', 'requestId'])}`;
  const stream = await EventStream.open(panel.url, tenant.apiKey, query, first?.id);
  await stream.until(2);
  const later = newId('event');
  await panel.sql(
    `insert into event (id, tenant_id, type, request_id, data) select id, $1, 'challenge.created', $2,
       jsonb_build_object('deviceId', device, 'challengeId', $3::text)
     from unnest($4::text[], $5::text[]) as e(id, device)`,
    [tenant.tenantId, request, challenge, [newId('event'), later], [newId('device'), device]],
  );
  const state = await auditState();
  await sealPanel(panel, state.path);
  await state.remove();
  await stream.until(3);
  stream.close();
  expect(stream.ids.toSorted()).toEqual([...wanted(['deviceId', 'challengeId', 'requestId']), later].toSorted());
});

test.each(['events', 'export', 'stream'])(
  'a malformed id and an unknown filter are refused in words: %s',
  async (what) => {
    for (const [name, prefix] of [
      ['deviceId', 'dev'],
      ['challengeId', 'chl'],
      ['requestId', 'req'],
    ] as const) {
      for (const value of ['1', `${prefix}_`, `${prefix}_A`, newId('event'), `${prefix}_${'1'.repeat(61)}`]) {
        const { status, body } = await tenant.call('GET', `/v1/audit/${what}?${name}=${value}`);
        expect([status, body.errors]).toEqual([
          400,
          [{ pointer: `/query/${name}`, detail: `must be an id, as in ${prefix}_…` }],
        ]);
      }
    }
    expect((await tenant.call('GET', `/v1/audit/${what}?device=${device}`)).status).toBe(400);
  },
);
