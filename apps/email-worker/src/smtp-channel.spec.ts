import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSmtpServer, type TestSmtpServer } from '../../../test/support/smtp-server.js';
import { needsTls, smtpChannel } from './smtp-channel.js';

describe('mail outside this machine', () => {
  it.each([
    ['smtp://mail.example', true],
    ['smtp://mail.example:25/?requireTLS=true', true],
    // Neither says that mail may go in the clear.
    ['smtp://mail.example/?requireTLS=', true],
    ['smtp://mail.example/?requireTLS=0', true],
    ['smtp://mail.example/?ignoreTLS=true', true],
    ['smtp://mail.example/?requireTLS=false', false],
    // By TLS from the first byte on.
    ['smtps://mail.example', false],
    ['smtp://localhost:1025', false],
    ['smtp://127.0.0.1', false],
    ['smtp://127.99.0.1', false],
    ['smtp://[::1]:25', false],
    // Names and numbers that only look like this machine.
    ['smtp://127.mail.example', true],
    ['smtp://127.0.0.1.mail.example', true],
    ['smtp://localhost.mail.example', true],
    ['smtp://mail.localhost.example', true],
    ['smtp://[::ffff:192.0.2.1]', true],
    ['smtp://10.0.0.1', true],
    ['smtp://192.168.127.0', true],
    ['smtp://0.0.0.0', true],
  ])('%s has to be encrypted by STARTTLS: %s', (url, expected) => {
    expect(needsTls(url)).toBe(expected);
  });
});

describe('a mail server that cannot encrypt', () => {
  let server: TestSmtpServer;
  beforeEach(async () => {
    server = await startSmtpServer();
  });
  afterEach(() => server.close());

  const send = async (url: string) => {
    const channel = smtpChannel({ url, from: 'Panel <2fa@panel.example>' });
    const message = {
      deliveryId: 'dlv_1',
      to: 'jane@customer.example',
      country: null,
      subject: 'Code',
      text: '048213',
      html: null,
    };
    const result = await channel.send(
      { ...message, kind: 'code', expiresAt: new Date() },
      new AbortController().signal,
    );
    channel.close();
    return result;
  };
  // The same server under an address that stands for no machine in particular, and so not for this one.
  const elsewhere = () => server.url.replace(/127\.0\.0\.1|localhost/, '0.0.0.0');

  it('gets no code, whatever else its address says', async () => {
    for (const query of ['', '/?requireTLS=true', '/?requireTLS=', '/?ignoreTLS=true', '/?opportunisticTLS=true']) {
      expect(await send(`${elsewhere()}${query}`)).toEqual({ outcome: 'transient', error: 'smtp-etls', ofRoute: true });
    }
    expect(server.mails).toEqual([]);
  });

  it('gets it on this machine, and where the address allows it in so many words', async () => {
    expect(await send(server.url)).toMatchObject({ outcome: 'sent' });
    expect(await send(`${elsewhere()}/?requireTLS=false`)).toMatchObject({ outcome: 'sent' });
    expect(server.mails).toHaveLength(2);
  });
});
