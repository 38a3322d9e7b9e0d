import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generateKeyFile } from '#runtime';
import { AppProcess, type AppName } from '../../faults/app-process.js';
import { startHttpSender, type HttpSender } from '../../support/http-sender.js';
import { writePastCodes } from '../../support/past-codes.js';
import { startSmtpServer, type TestSmtpServer } from '../../support/smtp-server.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';
import { ends, sql, until, urlOf } from '../../support/worker-roles.js';

/** Routes are learned by workers as they run: separate programs, each under the database role of its process. */

jest.setTimeout(240_000);

const { sealing } = JSON.parse(generateKeyFile()) as { sealing: unknown };
let vonage: VonageServer;
let own: HttpSender;
let servers: readonly [TestSmtpServer, TestSmtpServer];
beforeAll(async () => {
  [vonage, own] = await Promise.all([startVonageServer(), startHttpSender()]);
  servers = [await startSmtpServer(), await startSmtpServer()];
});
afterAll(() => Promise.all([vonage.close(), own.close(), ...servers.map((server) => server.close())]));

async function start(app: AppName, settings: Record<string, string>): Promise<AppProcess> {
  const worker = new AppProcess(app, {
    DATABASE_URL: urlOf(`sallyport_${app.replaceAll('-', '_')}`),
    SALLYPORT_KEYS: JSON.stringify({ sealing }),
    ...settings,
  });
  ends.push(() => worker.end('SIGTERM'));
  await worker.start();
  return worker;
}

const startSms = () =>
  start('sms-worker', {
    SMS_ROUTES: 'vonage,http',
    VONAGE_API_KEY: vonage.credentials.apiKey,
    VONAGE_API_SECRET: vonage.credentials.apiSecret,
    VONAGE_API_HOST: vonage.host,
    VONAGE_FROM: 'Panel',
    SMS_HTTP_URL: own.url,
    SMS_HTTP_SECRET: own.secret,
  });
const startMail = () =>
  start('email-worker', { SMTP_URL: servers.map(({ url }) => url).join(','), MAIL_FROM: 'Panel <2fa@panel.example>' });

const past = { tenantId: 'tnt_1', userRef: 'usr_1', count: 200, price: '0.05', minutesAgo: 30 };
const of = (route: string, entered: number, channel: 'sms' | 'email') =>
  writePastCodes({ sql }, { ...past, route, entered, channel, country: channel === 'sms' ? 'NL' : null });
const order = async (channel: string, country: string) =>
  (
    await sql<{ route: string }>(
      'select route from route_score where channel = $1 and country = $2 order by position',
      [channel, country],
    )
  ).map(({ route }) => route);
const told = () =>
  sql<{ tenant_id: string; data: object }>(`select tenant_id, data from event where type = 'route.reordered'`);

test.each([
  ['SMS', 'sms', 'NL', 'vonage', 'http', startSms],
  ['mail', 'email', '*', 'smtp', 'smtp-2', startMail],
] as const)(
  'a worker of %s learns from what became of codes, and every sender is told',
  async (_, channel, country, bad, good, run) => {
    await of(bad, 60, channel);
    await of(good, 195, channel);
    const worker = await run();
    await until('the order was learned', async () => (await order(channel, country)).length === 2);
    expect(await order(channel, country)).toEqual([good, bad]);
    expect(await told()).toMatchObject([
      { tenant_id: 'tnt_1', data: { channel, before: [bad, good], after: [good, bad], reason: expect.any(String) } },
    ]);
    // Another one follows what the first has learned, and says nothing anew.
    await run();
    await of(good, 200, channel);
    expect(await told()).toHaveLength(1);
    const reordered = worker.logs.filter(({ msg }) => msg === 'routes were reordered');
    expect(reordered.filter((line) => (line['country'] ?? '*') === country)).toHaveLength(1);
    for (const { level = 0, msg, err } of worker.logs)
      expect({ level: level < 50, msg, err }).toMatchObject({ level: true });
    expect([vonage.messages, own.asked]).toEqual([[], []]);
  },
);
