import { createTransport } from 'nodemailer';
import { optionalSetting } from '#runtime';
import { needsTls, smtpRouteName } from '../../../../email-worker/src/smtp-channel.js';
import { fault, find, ok, skipped, type Finding } from './finding.js';

const answerMs = 8000;

/** Looks at each mail server, which is a route of its own. */
export async function checkSmtp(): Promise<readonly Finding[]> {
  let urls: readonly string[] = [];
  const settings = await find('smtp', 'Correct SMTP_URL.', async () => {
    urls = optionalSetting('SMTP_URL') ?? [];
    return skipped('SMTP_URL is not set here');
  });
  if (urls.length === 0) return [settings];
  return Promise.all(urls.map((url, index) => checkServer(smtpRouteName(index), url)));
}

/** Connects, logs in and goes away: nothing is sent. */
function checkServer(name: string, url: string): Promise<Finding> {
  return find(name, 'Correct SMTP_URL.', async () => {
    const encrypts = needsTls(url);
    const address = new URL(url);
    if (encrypts) address.searchParams.delete('requireTLS');
    const transport = createTransport({
      url: address.href,
      ...(encrypts && { requireTLS: true }),
      connectionTimeout: answerMs,
      greetingTimeout: answerMs,
      socketTimeout: answerMs,
      dnsTimeout: answerMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.verify();
      // One that offers no login is used without: nodemailer says nothing of it.
      return ok(
        `${address.host} answers${address.username === '' ? '' : ', and takes the login where it asks for one'}`,
      );
    } catch (error) {
      const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
      return fault(`${address.host}: ${wordsOf(code, responseCode)}`, fixOf(code));
    } finally {
      transport.close();
    }
  });
}

/** Never in the server's own words: they may quote a login. */
function wordsOf(code: unknown, responseCode: unknown): string {
  const reply = typeof responseCode === 'number' ? ` (${responseCode})` : '';
  switch (code) {
    case 'EAUTH':
      return `rejects the login${reply}`;
    case 'ETLS':
      return 'does not offer STARTTLS, or its certificate is not trusted';
    case 'EDNS':
    case 'ECONNECTION':
    case 'ESOCKET':
    case 'ETIMEDOUT':
      return `cannot be reached, or does not answer (${code})`;
    default:
      return `refuses us${reply || ` (${typeof code === 'string' ? code : 'no reason given'})`}`;
  }
}

function fixOf(code: unknown): string {
  if (code === 'EAUTH') return 'Check user and password in SMTP_URL; percent-encode special characters.';
  if (code === 'ETLS') return 'Turn on STARTTLS there, or use smtps://. NODE_EXTRA_CA_CERTS names a CA of your own.';
  return 'Check host and port in SMTP_URL, the firewall, and whether the server accepts this machine.';
}
