import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { register } from 'prom-client';
import { until } from '../../support/cosigned-log.js';
import { atEnd, ca, hecAt, hecServer, position, push, syslogTo, upTo } from '../../support/pushed-log.js';
import { client, database, happen, lines, sql } from '../../support/signed-log.js';

jest.setTimeout(120_000);

const told = (words: string) => lines.filter((line) => line.includes(words));
const sequences = (server: { events: { fields: { sequence: number } }[] }) =>
  server.events.map(({ fields }) => fields.sequence);
const faultOf = async (name: string) =>
  (await sql('select fault from audit_collector where name = $1', [name]))[0]?.fault;
const inFault = (fault: string, name = 'hec') => until(fault, async () => (await faultOf(name)) === fault);

describe('an HTTP event collector', () => {
  test.each([false, true])('gets each event once, in order, of every log (gzip: %s)', async (gzip) => {
    const server = await hecServer();
    await happen(1200);
    await happen(3, 'tnt_2');
    push(hecAt(server, { gzip, index: 'security' }));
    await until('it has all', async () => (await position('hec')) === 1200 && (await position('hec', 'tnt_2')) === 3);
    const of = (tenant: string) => server.events.filter(({ fields }) => fields.tenant === tenant);
    expect(of('tnt_1').map(({ fields }) => fields.sequence)).toEqual(upTo(1200));
    expect(of('tnt_2').map(({ fields }) => fields.sequence)).toEqual(upTo(3));
    expect(server.zipped > 0).toBe(gzip);
    expect(server.channels.size).toBe(1);
    const [row] = await sql(`select id, extract(epoch from time)::float8 as time from event e join audit_entry a
      on a.event_id = e.id where a.tenant_id = 'tnt_1' and a.sequence = 1`);
    expect(server.events.find(({ fields }) => fields.tenant === 'tnt_1')).toEqual({
      time: expect.closeTo(Number(row?.['time']), 5),
      source: 'sallyport',
      sourcetype: 'sallyport:ocsf',
      index: 'security',
      fields: { tenant: 'tnt_1', sequence: 1, eventId: row?.['id'] },
      event: expect.objectContaining({ class_uid: 3002, unmapped: expect.objectContaining({ n: 1 }) }),
    });
    await happen(2);
    await until('it has what came later', async () => (await position('hec')) === 1202);
    expect(told('"level":40')).toEqual([]);
  });

  test('that acknowledges nothing is not counted on: all is sent again', async () => {
    const server = await hecServer();
    server.acknowledges = false;
    await happen(5);
    const { stop } = push(hecAt(server));
    await until('it has taken them', () => server.batches.length === 1);
    await sleep(300);
    expect(await position('hec')).toBe(0);
    await stop();
    expect(await position('hec')).toBe(0);
    server.acknowledges = true;
    push(hecAt(server));
    await until('they are acknowledged', async () => (await position('hec')) === 5);
    expect(sequences(server)).toEqual([...upTo(5), ...upTo(5)]);
  });

  test('whose token has no acknowledgements is refused, unless they are not asked for', async () => {
    const server = await hecServer();
    server.behave = (_, response) => Boolean(response.end(JSON.stringify({ text: 'Success', code: 0 })));
    await happen(2);
    const { stop } = push(hecAt(server));
    await inFault('no_acknowledgement');
    expect(await position('hec')).toBe(0);
    await stop();
    push(hecAt(server, { name: 'unacknowledged', acknowledge: false }));
    await until('its yes counts', async () => (await position('unacknowledged')) === 2);
  });

  test('that fails is told of once, asked again, and told of when it works', async () => {
    const server = await hecServer();
    server.behave = (_, response) => Boolean(response.writeHead(503).end());
    await happen(3);
    const { pushing } = push(hecAt(server));
    await until('it was tried again', async () => (await sql('select faults from audit_collector'))[0]?.faults > 1);
    expect(told('a collector takes no events')).toHaveLength(1);
    expect(await pushing.health(database)).toEqual({
      others: { pushing: false },
      reasons: ['the collector hec takes no events: It answered that it cannot do it now.'],
    });
    const metrics = await register.metrics();
    expect(metrics).toContain('sallyport_audit_push_lag_events{collector="hec"} 3');
    expect(metrics).toMatch(/sallyport_audit_push_lag_seconds\{collector="hec"\} [\d.]+/);
    server.behave = () => false;
    await until('it has them', async () => (await position('hec')) === 3);
    await until('it is told', () => told('a collector takes events again').length === 1);
    expect(await pushing.health(database)).toEqual({ others: { pushing: true }, reasons: [] });
    expect(await register.metrics()).toContain('sallyport_audit_push_lag_events{collector="hec"} 0');
    expect(sequences(server)).toEqual(upTo(3));
  });

  test.each([
    ['token_refused', 403],
    ['redirects', 302],
    ['refused', 400],
    ['failing', 429],
    ['answer_malformed', 200],
  ])('%s: an answer of %s moves nothing, and its token is told nowhere', async (fault, status) => {
    const server = await hecServer();
    server.behave = (_, response) => Boolean(response.writeHead(status, { location: '/' }).end('hello'));
    await happen(1);
    push(hecAt(server));
    await inFault(fault);
    expect(await position('hec')).toBe(0);
    expect(lines.join()).not.toContain('5fbd26f0');
  });

  test('with a certificate of another name, or of a CA that nobody trusts, gets nothing', async () => {
    const [other, strange] = [await hecServer(ca.issue('other', 'DNS:elsewhere.example')), await hecServer()];
    await happen(1);
    push(hecAt(other), hecAt(strange, { name: 'strange', caFile: undefined }));
    await inFault('untrusted');
    await inFault('untrusted', 'strange');
    expect([...other.channels, ...strange.channels]).toEqual([]);
  });
});

describe('collectors', () => {
  test('that hang or are away delay no other', async () => {
    const [slow, well] = [await hecServer(), await hecServer()];
    slow.behave = () => new Promise(() => undefined);
    const silent = createServer();
    await new Promise<void>((done) => void silent.listen(0, '127.0.0.1', done));
    atEnd(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    push(hecAt(slow, { name: 'slow' }), syslogTo(port, { name: 'silent' }), syslogTo(1, { name: 'away' }), hecAt(well));
    await happen(600);
    await until('the one that is well has all', async () => (await position('hec')) === 600);
    await inFault('unreachable', 'away');
    expect([await position('slow'), await position('silent')]).toEqual([0, 0]);
  });

  test('get the tenants, types and times that they want', async () => {
    const server = await hecServer();
    await happen(2);
    const some = { tenants: ['tnt_1'], types: ['user.*'] };
    const { stop } = push(hecAt(server, { name: 'some', ...some }), hecAt(server, { name: 'late', from: 'now' }));
    await until('they are met', async () => (await sql('select from audit_collector')).length === 2);
    await client.query(
      `insert into event (id, tenant_id, type, user_id, account_id, data)
       values ('evt_wanted', 'tnt_1', 'user.created', 'jana', 'acme', '{}'), ('evt_other', 'tnt_2', 'user.created', 'jana', 'acme', '{}')`,
    );
    await happen(1);
    await until('both are done', async () => (await position('some')) === 4 && (await position('late')) === 4);
    await until('a log that came later is whole', async () => (await position('late', 'tnt_2')) === 1);
    await stop();
    expect(server.events.map(({ fields }) => fields.eventId).filter((id) => id === 'evt_wanted')).toHaveLength(2);
    expect(server.events.map(({ fields }) => fields.eventId).filter((id) => id === 'evt_other')).toHaveLength(1);
    expect(server.events).toHaveLength(4);
    expect(await position('some', 'tnt_2')).toBe(0);
  });

  test('are sent to by one of several workers; another takes over from one that is gone, and from where it was', async () => {
    const server = await hecServer();
    await happen(700);
    push(hecAt(server));
    push(hecAt(server));
    await until('it has all', async () => (await position('hec')) === 700);
    expect(sequences(server)).toEqual(upTo(700));
    // As one leaves it that was killed: held, and nobody renews it.
    await sql(`update audit_collector set holder = 'wrk_gone', lease_until = now() + interval '1 hour'`);
    await happen(1);
    await sleep(500);
    expect(await position('hec')).toBe(700);
    await sql(`update audit_collector set lease_until = now() - interval '1 second'`);
    await until('another has taken over', async () => (await position('hec')) === 701);
  });

  test('see what is long shortened, in whole JSON, and nothing of what is personal', async () => {
    const server = await hecServer();
    const long = 'x'.repeat(20_000);
    await client.query(
      `insert into event (id, tenant_id, type, user_id, account_id, data, personal_sealed)
       values ('evt_long', 'tnt_1', 'user.created', 'jana', 'acme', $1, '\\x0102')`,
      [{ reason: 'short', text: long, n: 1 }],
    );
    await happen(0);
    push(hecAt(server, { maxBytes: 4096, format: 'cloudevents' }));
    await until('it has it', async () => (await position('hec')) === 1);
    expect(server.events[0]?.event).toMatchObject({
      id: 'evt_long',
      data: { accountId: 'acme', userId: 'jana', reason: 'short', shortened: true },
    });
    expect(JSON.stringify(server.events)).not.toContain('xxx');
  });
});
