import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runDoctor } from '../../support/admin.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startHttpSender, type HttpSender } from '../../support/http-sender.js';
import { closedPort, startSilentServer } from '../../support/silent-server.js';
import { startAbruptSmtpServer, startSmtpServer } from '../../support/smtp-server.js';
import { startTwilioServer, type TwilioServer } from '../../support/twilio-server.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';

let store: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  store = await createTestDatabase();
  env = { DATABASE_URL: store.url };
});
afterAll(() => store.close());

const ofRoutes = ['vonage', 'twilio', 'http', 'smtp', 'smtp-2'];

/** What is wrong with routes; whatever else a database without processes lacks is none of theirs. */
async function look(settings: Record<string, string>) {
  const { of, faults, stdout } = await runDoctor({ ...env, ...settings });
  return { of, stdout, faults: faults.filter((check) => ofRoutes.includes(check) || check === 'settings') };
}

describe('a mail server', () => {
  const mail = (url: string) => ({ SMTP_URL: url, MAIL_FROM: '2fa@panel.example' });

  test('that is away, ends the connection, says nothing, or rejects the login', async () => {
    const password = 'the-right-word';
    const server = await startSmtpServer({ password });
    const abrupt = await startAbruptSmtpServer('greeting');
    const silent = await startSilentServer();
    const as = (word: string) => server.url.replace('smtp://', `smtp://mailer:${word}@`);
    try {
      const away = `smtp://127.0.0.1:${await closedPort()}`;
      const found = await Promise.all(
        [away, abrupt.url, `smtp://127.0.0.1:${silent.port}`, as('secret-word')].map((url) => look(mail(url))),
      );
      for (const { of, faults, stdout } of found) {
        expect(faults).toEqual(['smtp']);
        expect(of('smtp').fix).toMatch(/SMTP_URL|firewall/);
        expect(stdout).not.toContain('secret-word');
      }
      expect(found[2]?.of('smtp').detail).toMatch(/no answer within 8 s|does not answer/);
      expect(found[3]?.of('smtp').detail).toContain('rejects the login (535)');
      expect((await look(mail(as(password)))).of('smtp')).toMatchObject({ status: 'ok' });
    } finally {
      await Promise.all([server.close(), abrupt.close(), silent.close()]);
    }
  }, 240_000);

  test('one of several that is away is named', async () => {
    const server = await startSmtpServer();
    try {
      const { of, faults } = await look(mail(`${server.url}, smtp://127.0.0.1:${await closedPort()}`));
      expect(faults).toEqual(['smtp-2']);
      expect(of('smtp')).toMatchObject({ status: 'ok' });
      expect(server.mails).toEqual([]);
    } finally {
      await server.close();
    }
  }, 240_000);
});

describe('a route for SMS', () => {
  let [vonage, twilio, own]: [VonageServer, TwilioServer, HttpSender] = [] as never;
  beforeAll(async () => {
    [vonage, twilio, own] = await Promise.all([startVonageServer(), startTwilioServer(), startHttpSender()]);
  });
  afterAll(() => Promise.all([vonage.close(), twilio.close(), own.close()]));

  const byVonage = () => ({
    VONAGE_API_KEY: vonage.credentials.apiKey,
    VONAGE_API_SECRET: vonage.credentials.apiSecret,
    VONAGE_FROM: 'Panel',
    VONAGE_API_HOST: vonage.host,
  });
  const byTwilio = () => ({
    TWILIO_ACCOUNT_SID: twilio.credentials.accountSid,
    TWILIO_AUTH_TOKEN: twilio.credentials.authToken,
    TWILIO_FROM: 'Panel',
    TWILIO_API_HOST: twilio.host,
  });
  const byOwn = () => ({ SMS_HTTP_URL: own.url, SMS_HTTP_SECRET: own.secret });

  test('is looked at without a message, each that is configured and no other', async () => {
    const all = await look({ ...byVonage(), ...byTwilio(), ...byOwn() });
    expect(all.faults).toEqual([]);
    for (const route of ['vonage', 'twilio', 'http']) expect(all.of(route)).toMatchObject({ status: 'ok' });
    for (const secret of [vonage.credentials.apiSecret, twilio.credentials.authToken, own.secret])
      expect(all.stdout).not.toContain(secret);

    const one = await look({ ...byVonage(), ...byTwilio(), ...byOwn(), SMS_ROUTES: 'twilio' });
    expect([one.of('vonage').status, one.of('twilio').status, one.of('http').status]).toEqual([
      'skipped',
      'ok',
      'skipped',
    ]);
    // The gateway's shell: it has what receipts are checked by.
    const gateway = await look({ TWILIO_AUTH_TOKEN: 'token', SMS_HTTP_SECRET: own.secret });
    expect(gateway.faults).toEqual([]);
    for (const route of ['vonage', 'twilio', 'http']) expect(gateway.of(route)).toMatchObject({ status: 'skipped' });

    expect([vonage.messages, twilio.messages, own.asked]).toEqual([[], [], []]);
  }, 240_000);

  test('that lacks settings is told which', async () => {
    const { of, faults } = await look({ SMS_ROUTES: 'http,twilio', SMS_HTTP_URL: own.url });
    expect(faults.toSorted()).toEqual(['http', 'settings', 'twilio']);
    expect(of('http').detail).toContain('SMS_HTTP_SECRET is missing');
    expect(of('settings').detail).toContain('SMS_HTTP_SECRET is missing');
    expect(of('twilio')).toMatchObject({
      detail: expect.stringContaining('TWILIO_ACCOUNT_SID is missing'),
      fix: expect.stringContaining('docs/routes.md'),
    });
  }, 240_000);

  test('Vonage that rejects the credentials, has no credit, or is away', async () => {
    const rejected = await look({ ...byVonage(), VONAGE_API_SECRET: 'secret-word' });
    expect(rejected.faults).toEqual(['vonage']);
    expect(rejected.of('vonage').detail).toContain('rejects the credentials');
    expect(rejected.stdout).not.toContain('secret-word');
    vonage.setBalance(0);
    const empty = await look(byVonage());
    vonage.setBalance(10.28);
    expect(empty.of('vonage')).toMatchObject({ status: 'fault', fix: 'Add credit to the account at Vonage.' });
    const away = await look({ ...byVonage(), VONAGE_API_HOST: `http://127.0.0.1:${await closedPort()}` });
    expect(away.of('vonage')).toMatchObject({ status: 'fault', detail: expect.stringContaining('cannot be reached') });
  }, 240_000);

  test('Twilio that rejects the credentials, has suspended the account, says nothing, or is away', async () => {
    const rejected = await look({ ...byTwilio(), TWILIO_AUTH_TOKEN: 'secret-word' });
    expect(rejected.faults).toEqual(['twilio']);
    expect(rejected.of('twilio').fix).toContain('TWILIO_AUTH_TOKEN');
    expect(rejected.stdout).not.toContain('secret-word');
    twilio.account = 'suspended';
    const suspended = await look(byTwilio());
    twilio.account = 'active';
    expect(suspended.of('twilio')).toMatchObject({ status: 'fault', fix: expect.stringContaining('credit') });
    const silent = await startSilentServer();
    try {
      const mute = await look({ ...byTwilio(), TWILIO_API_HOST: `http://127.0.0.1:${silent.port}` });
      expect(mute.of('twilio')).toMatchObject({ status: 'fault', detail: 'no answer within 8 s' });
    } finally {
      await silent.close();
    }
    const away = await look({ ...byTwilio(), TWILIO_API_HOST: `http://127.0.0.1:${await closedPort()}` });
    expect(away.of('twilio')).toMatchObject({ status: 'fault', fix: expect.stringContaining('TWILIO_API_HOST') });
  }, 240_000);

  test('a sender of the operator that redirects, has no TLS, fails, or is away', async () => {
    own.probe = (response) => response.writeHead(308, { location: own.url }).end();
    expect((await look(byOwn())).of('http')).toMatchObject({
      status: 'fault',
      detail: expect.stringContaining('redirects'),
    });
    own.probe = (response) => response.writeHead(503).end();
    expect((await look(byOwn())).of('http')).toMatchObject({ status: 'warning' });
    own.probe = undefined;
    const plain = await look({ ...byOwn(), SMS_HTTP_URL: own.url.replace('http:', 'https:') });
    expect(plain.of('http')).toMatchObject({ status: 'fault', detail: expect.stringContaining('TLS') });
    const away = await look({ ...byOwn(), SMS_HTTP_URL: `http://127.0.0.1:${await closedPort()}/sms` });
    expect(away.of('http')).toMatchObject({ status: 'fault', fix: expect.stringContaining('SMS_HTTP_URL') });
    expect(own.asked).toEqual([]);
  }, 240_000);
});
