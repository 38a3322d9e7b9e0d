import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { sixDigits } from '../../support/planted-secrets.js';
import { startSystem, temporaryDataDir } from '../../support/system.js';
import { startTraceCollector, wayUp, type ReceivedSpan } from '../../support/trace-collector.js';
import { tracedBy } from '../../support/traced-processes.js';
import { startReceiver } from '../../support/webhook-receiver.js';

/** `npm start`: all of it is one process, and its traces are of one service. A mail of a change, and a webhook. */

const ofPanel = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${ofPanel.traceId}-${ofPanel.spanId}-01`;

test('a mail that follows from a call is in its trace, and a webhook in that of the sealing', async () => {
  const collector = await startTraceCollector();
  const receiver = await startReceiver();
  const dataDir = await temporaryDataDir();
  const system = await startSystem(dataDir.path, {
    ...tracedBy(collector.url),
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    WEBHOOK_ALLOW_PRIVATE: 'true',
  });
  try {
    const admin = { authorization: `Bearer ${system.adminApiKey}` };
    const { call } = system;
    const webhook = { url: `${receiver.url}/a-path-of-the-receiver?key=secret-of-the-receiver`, types: ['device.*'] };
    expect((await call('POST', '/v1/webhooks', webhook, admin)).status).toBe(201);
    await call('PUT', '/v1/accounts/a', {});
    await call('PUT', '/v1/accounts/a/users/u', { kind: 'person', email: 'u@panel.example' });
    const user = '/v1/accounts/a/users/u';
    const added = await call('POST', `${user}/devices`, { method: 'email', name: 'Mail' }, { traceparent });
    expect(added.status).toBe(201);

    const find = (name: string, holds: (span: ReceivedSpan) => boolean = () => true) =>
      collector.spans.find((span) => span.name === name && holds(span)) as ReceivedSpan;
    const ofTrace = ({ traceId }: ReceivedSpan) => traceId === ofPanel.traceId;
    const toReceiver = (span: ReceivedSpan) => wayUp(collector.spans, span).some(({ name }) => name === 'send webhook');
    await collector.until(() => find('send email', ofTrace) !== undefined && find('POST', toReceiver) !== undefined);
    await collector.until(
      () => wayUp(collector.spans, find('send email', ofTrace)).at(-1)?.parentId === ofPanel.spanId,
    );
    expect(wayUp(collector.spans, find('send email', ofTrace)).map(({ name }) => name)).toEqual([
      'send email',
      'deliver-email',
      'publish deliver-email',
      'POST /v1/accounts/:accountId/users/:userId/devices',
    ]);

    // A notice, by way of the event that it tells of.
    const mails = () => system.messages('u@panel.example');
    while ((await mails()).length === 0) await sleep(50);
    const code = sixDigits((await mails())[0]?.body ?? '');
    const verified = await call('POST', `/v1/devices/${added.body.id}/verify`, { code }, { traceparent });
    expect(verified.status).toBe(200);
    const ofNotice = (span: ReceivedSpan) => wayUp(collector.spans, span).some(({ name }) => name === 'deliver-notice');
    await collector.until(() => {
      const sent = find('send email', ofNotice);
      return sent !== undefined && wayUp(collector.spans, sent).at(-1)?.parentId === ofPanel.spanId;
    });
    expect(wayUp(collector.spans, find('send email', ofNotice)).map(({ name }) => name)).toEqual([
      'send email',
      'deliver-notice',
      'publish deliver-notice',
      'notify-owner',
      'publish notify-owner',
      'POST /v1/devices/:deviceId/verify',
    ]);

    await collector.until(() => wayUp(collector.spans, find('POST', toReceiver)).at(-1)?.parentId === '');
    const ofWebhook = wayUp(collector.spans, find('POST', toReceiver));
    expect(ofWebhook.map(({ name, kind }) => [name, kind])).toEqual([
      ['POST', 'client'],
      ['send webhook', 'client'],
      ['deliver-webhook', 'consumer'],
      ['publish deliver-webhook', 'producer'],
      ['seal events', 'internal'],
    ]);
    expect(ofWebhook[0]?.facts).toMatchObject({ 'server.address': '127.0.0.1', 'http.response.status_code': 204 });
    expect(ofWebhook.at(-1)?.facts).toMatchObject({ 'sallyport.events': expect.any(Number) });

    const all = collector.raw.join('\n');
    for (const secret of ['a-path-of-the-receiver', 'secret-of-the-receiver', 'u@panel.example', system.apiKey]) {
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    }
    expect([...collector.resources.keys()]).toEqual(['sallyport']);
    expect(collector.resources.get('sallyport')).toMatchObject({ 'deployment.environment.name': 'test' });
    collector.behave('hangs');
    expect(await system.stop()).toBe(0);
    expect(system.output.stdout).not.toContain('did not stop in time');
  } finally {
    await system.stop();
    await collector.close();
    await receiver.close();
    await dataDir.remove();
  }
}, 120_000);
