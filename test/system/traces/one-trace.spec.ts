import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spanFacts } from '#runtime';
import { plant, search, sixDigits } from '../../support/planted-secrets.js';
import { redisIsHere, startRedis } from '../../support/redis-server.js';
import { startTraceCollector, wayUp, type ReceivedSpan, type TraceCollector } from '../../support/trace-collector.js';
import { startProcess, tenantOf, tracedBy } from '../../support/traced-processes.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';
import { ends, until } from '../../support/worker-roles.js';

/**
 * One trace from a panel's own span to the answer of the provider, through gateway, outbox, relay, queue and worker, each a
 * process as operators run it.
 */

const ofPanel = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = `00-${ofPanel.traceId}-${ofPanel.spanId}-01`;
const phone = '+31612345678';

let collector: TraceCollector;
let vonage: VonageServer;
beforeAll(async () => {
  collector = await startTraceCollector();
  vonage = await startVonageServer();
});
afterAll(async () => {
  await collector.close();
  await vonage.close();
});

async function openRedis(): Promise<Record<string, string>> {
  const redis = await startRedis();
  ends.push(() => redis.stop());
  return { QUEUE_URL: redis.url };
}

const backends: [string, () => Promise<Record<string, string>>][] = [['PostgreSQL', async () => ({})]];
if (redisIsHere()) backends.push(['Redis', openRedis]);

describe.each(backends)('with the queues in %s', (_, openQueue) => {
  test('a code by SMS is one trace, from the call of the panel to the answer of the provider', async () => {
    const common = { ...(await openQueue()), ...tracedBy(collector.url) };
    const gateway = await startProcess('gateway', common);
    await startProcess('relay', common);
    const worker = await startProcess('sms-worker', {
      ...common,
      VONAGE_API_KEY: vonage.credentials.apiKey,
      VONAGE_API_SECRET: vonage.credentials.apiSecret,
      VONAGE_API_HOST: vonage.host,
      VONAGE_FROM: 'Panel',
    });
    const { apiKey, call } = await tenantOf(gateway);
    const user = '/v1/accounts/customer-of-ours/users/erika-mustermann';
    await call('PUT', '/v1/accounts/customer-of-ours', {});
    await call('PUT', user, { kind: 'person', email: 'erika@panel.example', displayName: 'Erika M.' });

    const before = collector.spans.length;
    const sent = vonage.messages.length;
    const asked = { method: 'sms', name: 'Erikas Telefon', phone };
    const added = await call('POST', `${user}/devices`, asked, {
      traceparent,
      tracestate: 'panel=secret-of-the-panel',
    });
    expect(added.status).toBe(201);
    await until('the code is sent', () => vonage.messages.length > sent);
    const code = sixDigits(vonage.messages.at(-1)?.text ?? '');
    const verified = await call('POST', `/v1/devices/${added.body.id}/verify`, { code });
    expect(verified.status).toBe(200);

    const own = () => collector.spans.slice(before).filter(({ traceId }) => traceId === ofPanel.traceId);
    const find = (name: string) => own().find((span) => span.name === name) as ReceivedSpan;
    const way = ['POST', 'send sms', 'deliver-sms', 'publish deliver-sms', `POST ${route('devices')}`];
    await collector.until(() => way.every((name) => find(name) !== undefined));

    // From the request to the provider up to the call, each span below the one before it, and the first below the panel's own.
    const chain = wayUp(own(), find('POST'));
    expect(chain.map(({ service, name, kind }) => [service, name, kind])).toEqual([
      ['sallyport-sms-worker', 'POST', 'client'],
      ['sallyport-sms-worker', 'send sms', 'client'],
      ['sallyport-sms-worker', 'deliver-sms', 'consumer'],
      ['sallyport-relay', 'publish deliver-sms', 'producer'],
      ['sallyport-gateway', `POST ${route('devices')}`, 'server'],
    ]);
    expect(chain.at(-1)?.parentId).toBe(ofPanel.spanId);
    expect(chain.map(({ failed }) => failed)).toEqual(chain.map(() => false));
    const requestId = added.headers.get('x-request-id');
    const [request, attempt, job, publication, answered] = chain.map(({ facts }) => facts);
    expect(answered).toEqual({
      'http.request.method': 'POST',
      'http.route': route('devices'),
      'http.response.status_code': 201,
      'sallyport.request_id': requestId,
      'sallyport.tenant_id': 'tnt_1',
    });
    expect(publication).toMatchObject({ 'messaging.destination.name': 'sms', 'sallyport.request_id': requestId });
    expect(job).toMatchObject({
      'messaging.message.id': publication?.['messaging.message.id'],
      'sallyport.outcome': 'done',
    });
    expect(attempt).toMatchObject({ 'sallyport.route': 'vonage', 'sallyport.outcome': 'sent', 'sallyport.attempt': 1 });
    expect(request).toEqual({
      'http.request.method': 'POST',
      'server.address': new URL(vonage.host).hostname,
      'http.response.status_code': 200,
    });

    // What was asked of the database for it, by the names of the statements; what loops ask all the time is in no trace.
    const asks = (span: ReceivedSpan | undefined) => own().filter(({ parentId }) => parentId === span?.spanId);
    const names = (service: string) =>
      own().filter((span) => span.service === service && span.facts['db.system.name'] === 'postgresql');
    expect(asks(chain.at(-1)).map(({ name }) => name)).toContain('device.enroll-by-message');
    expect(names('sallyport-sms-worker').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['delivery-claim', 'delivery-settle']),
    );
    for (const span of names('sallyport-sms-worker')) expect(span.parentId).toBe(chain[2]?.spanId);
    expect(collector.spans.filter(({ name }) => name.startsWith('relay-'))).toEqual([]);

    // A line of the log says in which trace it was written.
    const lines = [...gateway.logs, ...worker.logs].filter(({ trace_id: id }) => id === ofPanel.traceId);
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['answered', 'delivery attempted', 'job done']));

    // Nothing but what may be said, and of that nothing that is anybody's.
    for (const span of collector.spans) {
      expect(Object.keys(spanFacts)).toEqual(expect.arrayContaining(Object.keys(span.facts)));
      expect([span.traceState, span.extras]).toEqual(['', 0]);
    }
    const secrets = {
      code,
      phone,
      'phone without its plus': phone.slice(1),
      'API key': apiKey,
      address: 'erika@panel.example',
      name: 'Erika M.',
      'name of the device': 'Erikas Telefon',
      account: 'customer-of-ours',
      user: 'erika-mustermann',
      tracestate: 'secret-of-the-panel',
      "the provider's secret": vonage.credentials.apiSecret,
    };
    const plants = Object.entries(secrets).map(([what, text]) => plant(what, text));
    const haystacks = collector.raw.map((text, n) => ({ place: `export ${n}`, text }));
    expect(search(haystacks, plants)).toEqual([]);
    expect(search(haystacks, [plant('a name that is there', 'deliver-sms')])).not.toEqual([]);
  });
});

function route(last: string): string {
  return `/v1/accounts/:accountId/users/:userId/${last}`;
}
