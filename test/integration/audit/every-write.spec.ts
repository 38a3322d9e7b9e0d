import { describe, expect, test } from '@jest/globals';
import { eventNames } from '#contracts';
import { roles } from '#persistence';
import { z } from 'zod';
import { closed } from '../../support/api-description.js';
import { auditState } from '../../support/audit-state.js';
import { api, call, callOf, panel } from '../../support/counted-statements.js';
import { callsOfChallenges } from '../../support/calls-of-challenges.js';
import { callsOfTheLog } from '../../support/calls-of-the-log.js';
import { callsOfReceipts } from '../../support/calls-of-receipts.js';
import { callsOfWebhooks } from '../../support/calls-of-webhooks.js';
import { callsThatChangeMore } from '../../support/calls-that-change-more.js';
import { callsOfUsers } from '../../support/calls-of-users.js';
import { changedRows, readAllRows } from '../../support/changed-rows.js';
import { sealPanel } from '../../support/seal-panel.js';
import { untoldRows, type EventContent } from '../../support/told-rows.js';

/** What is kept of a call itself, or found anew at each start. */
const bookkeeping = ['idempotent_answer', 'known_key', 'known_queue'];

const table = { ...callsOfUsers, ...callsOfChallenges, ...callsOfTheLog, ...callsOfWebhooks, ...callsOfReceipts };

describe('what a call of the API changes, an event tells', () => {
  test('of every operation', () => {
    expect(Object.keys(table).toSorted()).toEqual(api.operations.map(({ key }) => key).toSorted());
  });

  const all = [...Object.entries(table), ...Object.entries(callsThatChangeMore)];
  const rows = all.flatMap(([key, list]) => list.map((row) => ({ key, what: '', ...row })));
  test.each(rows)('$key $what', async ({ key, make }) => {
    const made = await make();
    expect(api.find(made[1], made[2])?.key).toBe(key);
    const before = await readAllRows(panel, bookkeeping);
    expect(await call(...callOf(made))).toMatchObject({ status: made[0] });
    const changes = changedRows(before, await readAllRows(panel, bookkeeping));
    const events = changes.filter((row) => row.table === 'event').map(({ after }) => after as unknown as EventContent);
    const untold = untoldRows(
      changes.filter((row) => row.table !== 'event'),
      events,
    );
    expect({ operation: key, untold, events: events.map(({ type }) => type) }).toMatchObject({ untold: [] });
  });
});

interface Served {
  readonly id: string;
  readonly type: string;
  readonly dataschema: string;
  readonly data: unknown;
}

/** Events of the gateway that none of the calls above writes. */
const notWalked = ['api_key.refused', 'code.blocked', 'user.personal_read'];

describe('what those calls wrote', () => {
  const served: Served[] = [];

  test('is served, of every type that the gateway may write', async () => {
    const state = await auditState();
    await sealPanel(panel, state.path);
    await state.remove();
    for (let cursor = ''; ;) {
      const { data, nextCursor } = (await call('GET', `/v1/audit/events?limit=500${cursor}`)).body;
      served.push(...data);
      if (data.length === 0) break;
      cursor = `&cursor=${nextCursor}`;
    }
    const types = new Set(served.map(({ type }) => type.replace('com.sallyport.', '')));
    const missing = roles['sallyport_gateway']?.events.filter((name) => !types.has(name));
    expect(missing?.toSorted()).toEqual(notWalked);
  });

  test('fits the schema that each event names, and holds nothing that is not in it', async () => {
    const schemas = new Map<string, z.ZodType>();
    const faults: string[] = [];
    for (const { id, type, dataschema, data } of served) {
      if (!schemas.has(dataschema)) {
        const { status, headers, body } = await call('GET', dataschema, undefined, { authorization: '' });
        expect({ status, cache: headers.get('cache-control'), $id: body.$id, title: body.title }).toEqual({
          status: 200,
          cache: 'public, max-age=300',
          $id: dataschema,
          title: type,
        });
        schemas.set(dataschema, z.fromJSONSchema(closed(body) as Parameters<typeof z.fromJSONSchema>[0]));
      }
      const issues = schemas.get(dataschema)?.safeParse(data).error?.issues ?? [];
      for (const issue of issues) faults.push(`${type} ${id} ${issue.path.join('/')}: ${issue.message}`);
    }
    expect(faults).toEqual([]);
  });

  test.each(eventNames)('has a schema: %s', async (name) => {
    const { body } = await call('GET', `/v1/event-schemas/com.sallyport.${name}`);
    expect(body).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
  });

  test.each(['user.created', 'com.sallyport.user', 'com.sallyport.toString'])(
    '%s is no type of event',
    async (type) => {
      expect(await call('GET', `/v1/event-schemas/${type}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    },
  );
});
