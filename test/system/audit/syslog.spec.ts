import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../../support/cosigned-log.js';
import { contentOf } from '../../support/own-ca.js';
import { atEnd, ca, own, position, push, syslogTo, upTo } from '../../support/pushed-log.js';
import { parseSyslog, readFrames, type SyslogMessage } from '../../support/rfc5424.js';
import { Rsyslog, rsyslogIsHere } from '../../support/rsyslog.js';
import { client, happen, lines, sql } from '../../support/signed-log.js';

jest.setTimeout(180_000);

const isHere = rsyslogIsHere();
const withRsyslog = isHere ? test : test.skip;

const sd = 'sallyport@32473';
const placeOf = ({ structured }: SyslogMessage) => Number(structured[sd]?.['sequence']);
const tenantOf = ({ structured }: SyslogMessage) => structured[sd]?.['tenant'];
const faultOf = async () => (await sql('select fault from audit_collector'))[0]?.fault;

async function rsyslog(asksForCertificate = false): Promise<Rsyslog> {
  const server = await Rsyslog.start(ca.file, own, asksForCertificate);
  atEnd(() => server.end('SIGKILL'));
  return server;
}

/** A message that a kill has cut off in the middle is none. */
function placesIn({ lines: received }: Rsyslog): number[] {
  return received.flatMap((line) => {
    try {
      return [placeOf(parseSyslog(line))];
    } catch {
      return [];
    }
  });
}

describe(`rsyslog${isHere ? '' : ' (not here)'}`, () => {
  withRsyslog('gets each event of every log once, in order, with what a receiver finds gaps by', async () => {
    const server = await rsyslog();
    await happen(1200);
    await happen(3, 'tnt_2');
    push(syslogTo(server.port));
    await until('it has all', async () => (await position('siem')) === 1200 && (await position('siem', 'tnt_2')) === 3);
    // It is acknowledged when it has been read, and was written by then.
    const messages = server.lines.map(parseSyslog);
    const of = (tenant: string) => messages.filter((each) => tenantOf(each) === tenant).map(placeOf);
    expect(of('tnt_1')).toEqual(upTo(1200));
    expect(of('tnt_2')).toEqual(upTo(3));
    const rows = await sql(
      `select e.id from event e join audit_entry a on a.event_id = e.id where a.tenant_id = 'tnt_1' order by a.sequence`,
    );
    expect(
      messages.filter((each) => tenantOf(each) === 'tnt_1').map(({ structured }) => structured[sd]?.['event']),
    ).toEqual(rows.map(({ id }) => id));
    expect(messages[0]).toMatchObject({ facility: 10, severity: 6, app: 'sallyport', messageId: 'challenge.approved' });
    expect(messages[0]?.hostname).toBe(hostname());
    expect(JSON.parse(messages[0]?.text ?? '')).toMatchObject({
      class_uid: 3002,
      time: Date.parse(messages[0]?.time ?? ''),
    });
    expect(lines.filter((line) => line.includes('"level":40'))).toEqual([]);
  });

  withRsyslog('killed and started again in the middle, misses nothing; repeats stand at the seam', async () => {
    const server = await rsyslog();
    await happen(6000);
    push(syslogTo(server.port));
    for (const least of [500, 2000, 4000]) {
      await until(`it has ${least}`, () => server.lines.length >= least);
      await server.end('SIGKILL');
      await server.start();
    }
    await until('it has all', async () => (await position('siem')) === 6000);
    const places = placesIn(server);
    expect([...new Set(places)].toSorted((a, b) => a - b)).toEqual(upTo(6000));
    const seams = places.filter((place, index) => index > 0 && place !== (places[index - 1] ?? 0) + 1);
    expect(seams.length).toBeLessThanOrEqual(3);
    // It goes back to the beginning of a batch, and nowhere else.
    for (const place of seams) expect(place % 500).toBe(1);
  });

  withRsyslog('sent to by a worker that stops in the middle, and by the next one, misses nothing', async () => {
    const server = await rsyslog();
    await happen(3000);
    const first = push(syslogTo(server.port));
    await until('it has some', () => server.lines.length >= 700);
    await first.stop();
    push(syslogTo(server.port));
    await until('it has all', async () => (await position('siem')) === 3000);
    expect([...new Set(placesIn(server))]).toEqual(upTo(3000));
  });

  withRsyslog('that asks for a certificate gets one of its CA, and nothing without', async () => {
    const server = await rsyslog(true);
    const mine = ca.issue('worker', 'DNS:worker.example');
    await happen(2);
    const { stop } = push(syslogTo(server.port));
    await until('it refuses', async () => typeof (await faultOf()) === 'string');
    expect(await position('siem')).toBe(0);
    await stop();
    push(syslogTo(server.port, { certificateFile: mine.cert, keyFile: mine.key }));
    await until('it has them', async () => (await position('siem')) === 2);
    expect(server.lines.map((line) => placeOf(parseSyslog(line)))).toEqual([1, 2]);
  });

  withRsyslog.each(['cef', 'ocsf', 'cloudevents', 'ndjson'])('gets %s whatever is in the data', async (format) => {
    const server = await rsyslog();
    const strange = 'a"b]c\\d\r\n<13>1 - - - - - - forged\u0000\u001b[31m ü€😀\u2028';
    await client.query(
      `insert into event (id, tenant_id, type, user_id, account_id, data)
       values ('evt_1', 'tnt_1', 'user.created', $1, 'acme', $2)`,
      [strange.replace('\u0000', ''), { reason: strange.replace('\u0000', '') }],
    );
    await happen(1);
    push(syslogTo(server.port, { format }));
    await until('it has both', async () => (await position('siem')) === 2);
    const [first, second, ...more] = server.lines.map(parseSyslog);
    expect(more).toEqual([]);
    expect([first, second].map((each) => each && placeOf(each)).toSorted()).toEqual([1, 2]);
    const odd = [first, second].find((each) => each?.structured[sd]?.['event'] === 'evt_1');
    expect(odd?.isMarked).toBe(format === 'cef' || format === 'ndjson');
    if (format === 'cef') expect(odd?.text).toContain('forged');
    else expect(JSON.stringify(JSON.parse(odd?.text ?? ''))).toContain('forged');
  });
});

/** A syslog server of the test's own: what comes in, and what it does with a connection. */
async function listener(
  each: (socket: TLSSocket) => void,
  certificate = own,
): Promise<{ port: number; received: Buffer[] }> {
  const received: Buffer[] = [];
  const server = createServer(contentOf(certificate), (socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => received.push(Buffer.concat(chunks)));
    socket.on('error', () => undefined);
    each(socket);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  atEnd(() => server.close());
  return { port: (server.address() as AddressInfo).port, received };
}

describe('syslog over TLS', () => {
  test('comes in frames that say their length, whatever is in them', async () => {
    const { port, received } = await listener(() => undefined);
    await happen(3);
    push(syslogTo(port, { facility: 'local3', hostname: 'panel.example', structuredDataId: 'log@55555' }));
    await until('it has them', async () => (await position('siem')) === 3);
    const messages = readFrames(Buffer.concat(received)).map(parseSyslog);
    expect(messages.map(({ structured }) => structured['log@55555']?.['sequence'])).toEqual(['1', '2', '3']);
    expect(messages[0]).toMatchObject({ facility: 19, hostname: 'panel.example' });
  });

  test('is not acknowledged by a peer that ends, or resets, the connection before it has read everything', async () => {
    let behave: (socket: TLSSocket) => void = (socket) => socket.pause().end();
    const { port, received } = await listener((socket) => behave(socket));
    await happen(400);
    push(syslogTo(port));
    await until('it ended early', async () => (await faultOf()) === 'cut_off');
    expect(await position('siem')).toBe(0);
    behave = (socket) => socket.once('data', () => socket.destroy());
    await sql('update audit_collector set fault = null');
    await until('it reset it', async () => (await faultOf()) === 'cut_off');
    expect(await position('siem')).toBe(0);
    behave = () => undefined;
    await until('it reads all', async () => (await position('siem')) === 400);
    expect(readFrames(received.at(-1) ?? Buffer.alloc(0))).toHaveLength(400);
  });

  test('goes to nobody whose certificate is for another name', async () => {
    const { port, received } = await listener(() => undefined, ca.issue('other', 'DNS:elsewhere.example'));
    await happen(1);
    push(syslogTo(port));
    await until('it is refused', async () => (await faultOf()) === 'untrusted');
    expect(await position('siem')).toBe(0);
    expect(received).toEqual([]);
  });
});
