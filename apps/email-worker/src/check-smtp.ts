import type { RouteCheck } from '#contracts';

/**
 * Connects, logs in where the server offers that, and goes away.
 * @param verify of nodemailer
 */
export async function checkSmtp(url: string, verify: () => Promise<unknown>): Promise<RouteCheck> {
  const { host, username } = new URL(url);
  try {
    await verify();
    // One that offers no login is used without: nodemailer says nothing of it.
    const login = username === '' ? '' : ', and takes the login where it asks for one';
    return { status: 'ok', detail: `${host} answers${login}` };
  } catch (error) {
    const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
    return { status: 'fault', detail: `${host}: ${wordsOf(code, responseCode)}`, fix: fixOf(code) };
  }
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
