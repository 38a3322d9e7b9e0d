import { describe, expect, test } from '@jest/globals';
import { newId } from '#contracts';
import type { RouteTable } from '#delivery';
import { createLogger } from '#runtime';
import { startSmsWorker } from '../../support/apps.js';
import type { TestTenant } from '../../support/gateway-harness.js';
import {
  counts,
  events,
  goBack,
  learnAll,
  learning,
  panel,
  past,
  placed,
  scores,
  table,
} from '../../support/learned-routes.js';
import { newUserRef, writePastCodes } from '../../support/past-codes.js';
import { openQueues } from '../../support/queues.js';

describe('the order of routes', () => {
  test('follows, in every worker, and tells each tenant that sent there', async () => {
    const [there, elsewhere] = [await panel.tenant(), await panel.tenant()];
    await past({ route: 'a', count: 200, entered: 80, price: '0.0500 EUR', minutesAgo: 30 });
    await past({ route: 'b', count: 100, entered: 90, price: '0.0800', minutesAgo: 30 });
    const of = async (tenant: TestTenant) => ({ tenantId: tenant.tenantId, userRef: await newUserRef(panel, tenant) });
    await writePastCodes(panel, { ...(await of(there)), route: 'a', count: 1, entered: 0, minutesAgo: 30 });
    await writePastCodes(panel, {
      ...(await of(elsewhere)),
      route: 'a',
      count: 1,
      entered: 1,
      minutesAgo: 30,
      country: 'DK',
    });
    const [one, other] = [table(), table()];
    const changes = await learnAll(learning(one));
    await learning(other).follow();
    expect([one.order('NL'), other.order('NL')]).toEqual([
      ['b', 'a', 'c'],
      ['b', 'a', 'c'],
    ]);
    const change = {
      channel: 'sms',
      country: 'NL',
      before: ['a', 'b', 'c'],
      after: ['b', 'a', 'c'],
      reason: expect.stringMatching(
        /^b is placed before a: 9\d % of its codes are entered in time, and 40 % of the other's$/,
      ),
      routes: [
        {
          route: 'b',
          state: 'leading',
          codes: expect.any(Number),
          rate: expect.any(Number),
          entryMs: 10_000,
          receiptMs: null,
          cost: 0.08,
        },
        {
          route: 'a',
          state: 'standing_by',
          codes: expect.any(Number),
          rate: expect.any(Number),
          entryMs: 10_000,
          receiptMs: null,
          cost: 0.05,
        },
        { route: 'c', state: 'trial', codes: 0, rate: null, entryMs: null, receiptMs: null, cost: null },
      ],
    };
    expect(changes.filter(({ country }) => country === 'NL')).toEqual([change]);
    for (const tenantId of [panel.tenantId, there.tenantId]) {
      expect(await events(tenantId)).toMatchObject([{ data: change }]);
    }
    expect(await events(elsewhere.tenantId)).toEqual([]);
    // Nothing new: nothing to tell.
    expect(await learnAll(learning(other))).toEqual([]);
  });

  test('is one in each country; where codes never went, it is that of all', async () => {
    await past({ route: 'a', count: 300, entered: 270, minutesAgo: 30 });
    await past({ route: 'b', count: 300, entered: 150, minutesAgo: 30 });
    await past({ route: 'a', count: 100, entered: 0, minutesAgo: 30, country: 'CZ' });
    await past({ route: 'b', count: 100, entered: 90, minutesAgo: 30, country: 'CZ' });
    const routes = table({ '*': ['b', 'a'], BE: ['b', 'c'] }, 'a', 'b', 'c');
    await learnAll(learning(routes));
    expect(routes.order('NL')).toEqual(['a', 'b']);
    expect(routes.order('CZ')).toEqual(['b', 'a']);
    expect((await scores('CZ')).map(({ state }) => state)).toEqual(['leading', 'drained']);
    expect(routes.order('SE')).toEqual(routes.order(null));
    // The settings have said by which routes messages may go there.
    await past({ route: 'a', count: 50, entered: 50, minutesAgo: 5, country: 'BE' });
    await goBack(30);
    await learnAll(learning(routes));
    expect(routes.order('BE').toSorted()).toEqual(['b', 'c']);
  });

  test('gives nothing for receipts of codes that nobody enters', async () => {
    await past({ route: 'a', count: 200, entered: 60, receiptSeconds: 0.2, price: '0.01', minutesAgo: 30 });
    await past({ route: 'b', count: 200, entered: 180, receiptSeconds: 4, price: '0.09', minutesAgo: 30 });
    const routes = table();
    await learnAll(learning(routes));
    expect(routes.order('NL')[0]).toBe('b');
    const [, liar] = await scores();
    expect(liar?.receipts).toBeCloseTo(liar?.entered ?? 0, 6);
  });

  test('drains a route that dies, tries it now and then, and takes it back', async () => {
    await past({ route: 'a', count: 200, entered: 180, price: '0.02', minutesAgo: 120 });
    await past({ route: 'b', count: 200, entered: 180, price: '0.09', minutesAgo: 120 });
    const routes = table(undefined, 'a', 'b');
    expect(await learnAll(learning(routes))).toEqual([]);
    await past({ route: 'a', count: 60, entered: 0, price: '0.02', minutesAgo: 20 });
    await goBack(30);
    const died = (await learnAll(learning(routes))).filter(({ country }) => country === 'NL');
    expect(died).toMatchObject([
      { before: ['a', 'b'], after: ['b', 'a'], reason: expect.stringContaining('a is drained: 0 %') },
    ]);
    const ids = Array.from({ length: 5000 }, () => newId('delivery'));
    const tried = ids.filter((id) => placed(routes, id) === 'a').length;
    expect(tried).toBeGreaterThan(50);
    expect(tried).toBeLessThan(150);

    await past({ route: 'a', count: 400, entered: 360, price: '0.02', minutesAgo: 3 });
    await goBack(11);
    await learnAll(learning(routes));
    expect(routes.order('NL')).toEqual(['a', 'b']);
    expect((await events(panel.tenantId)).at(-1)?.data).toMatchObject({
      after: ['a', 'b'],
      reason: expect.stringContaining('a is used again: 90 %'),
    });
  });

  test('of mail is learned beside that of SMS', async () => {
    await past({ channel: 'email', country: null, route: 'smtp', count: 200, entered: 20, minutesAgo: 30 });
    await past({ channel: 'email', country: null, route: 'smtp-2', count: 200, entered: 180, minutesAgo: 30 });
    const [mail, sms] = [table(undefined, 'smtp', 'smtp-2'), table(undefined, 'smtp', 'smtp-2')];
    const [change] = await learnAll(learning(mail, 'email'));
    await learnAll(learning(sms));
    expect(change).toMatchObject({ channel: 'email', country: null, after: ['smtp-2', 'smtp'] });
    expect([mail.order(null)[0], sms.order(null)[0]]).toEqual(['smtp-2', 'smtp']);
  });

  test('counts each code once, however many learn at the same time', async () => {
    await past({ route: 'a', count: 40, entered: 20, minutesAgo: 300 });
    await past({ route: 'b', count: 40, entered: 30, minutesAgo: 15 });
    await Promise.all(Array.from({ length: 6 }, () => learnAll(learning(table()))));
    // Whoever held it last may have left some.
    await learnAll(learning(table()));
    expect((await counts())['b']).toEqual([38, 29]);
    expect((await counts())['a']?.[0]).toBeGreaterThan(34);
  });

  test('is learned by an SMS worker that has several routes, and by none that has one or is told not to', async () => {
    await past({ route: 'a', count: 200, entered: 40, minutesAgo: 30 });
    await past({ route: 'b', count: 200, entered: 180, minutesAgo: 30 });
    const lines: string[] = [];
    const logger = createLogger('sms-worker', { write: (line: string) => void lines.push(line) });
    const queues = await openQueues(panel.databaseUrl, logger);
    const run = async (routes: RouteTable, done: () => Promise<boolean>) => {
      const worker = await startSmsWorker({ database: panel.database, queues, logger, sealer: panel.sealer, routes });
      while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
      await worker.stop();
    };
    const nothing = async () => (await panel.sql('select from route_learning')).length === 0;
    try {
      await run(table(undefined, 'a'), nothing);
      process.env['ROUTE_LEARNING'] = 'off';
      await run(table(undefined, 'a', 'b'), nothing);
      expect(await nothing()).toBe(true);
      delete process.env['ROUTE_LEARNING'];
      const routes = table(undefined, 'a', 'b');
      await run(routes, async () => routes.order('NL')[0] === 'b');
    } finally {
      delete process.env['ROUTE_LEARNING'];
      await queues.close();
    }
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'routes were reordered');
    expect(told).toContainEqual(
      expect.objectContaining({ country: 'NL', before: ['a', 'b'], after: ['b', 'a'], reason: expect.any(String) }),
    );
  });
});
