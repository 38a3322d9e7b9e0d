import { isIPv4 } from 'node:net';
import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { DeliveryChannel, SendResult } from '#contracts';
import { RouteTable } from '#delivery';
import { requiredSetting } from '#runtime';
import { checkSmtp } from './check-smtp.js';
import { mailsAtOnce } from './deliver-email.processor.js';

export interface SmtpOptions {
  /** Of the route; `smtp` where left out. */
  readonly name?: string;
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  /** Sender, as "Panel <2fa@panel.example>". */
  readonly from: string;
}

/** Reply of a server that closes the connection, whatever it was asked (RFC 5321 §4.2.3). */
const closing = 421;
/** Mail connections at most; each is used for many messages. */
const connections = 10;
/** For a server that is not there. */
const connectMs = 8000;
/**
 * For one that is slow: some let strangers wait for the greeting, and after the message a server takes its time, which
 * cut short makes duplicates (RFC 5321 §4.5.3.2.6).
 */
const greetingMs = 30_000;
const replyMs = 60_000;

/** The message on its way: once something of it was read, the server may have it. */
interface Content {
  stream?: Readable;
}

/**
 * Mail by SMTP.
 *
 * Certificates are checked. Outside this machine nothing is sent in the clear: a server that offers no STARTTLS is not
 * used, unless SMTP_URL says `?requireTLS=false`.
 */
export function smtpChannel(options: SmtpOptions): DeliveryChannel & { close(): void } {
  const transport = createTransport({
    url: withoutRequireTls(options.url),
    pool: true,
    maxConnections: connections,
    // Repeating is the delivery's business, where each attempt is counted.
    maxRequeues: 0,
    ...(needsTls(options.url) ? { requireTLS: true } : {}),
    connectionTimeout: connectMs,
    greetingTimeout: greetingMs,
    dnsTimeout: connectMs,
    socketTimeout: replyMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', (mail, done) => {
    mail.message.processFunc((stream) => {
      (mail.data as { content: Content }).content.stream = stream;
      return stream;
    });
    done();
  });
  const domain = /@([a-z0-9.-]+)>?\s*$/i.exec(options.from)?.[1] ?? 'localhost';
  return {
    name: options.name ?? 'smtp',
    send: async (message, signal): Promise<SendResult> => {
      // The same for every attempt, so that mail programs show a repeat once.
      const messageId = `<${message.deliveryId}@sallyport.${domain}>`;
      const content: Content = {};
      try {
        const mail = {
          content,
          from: options.from,
          // As an object: a text would be read as a list of addresses.
          to: { name: '', address: message.to },
          subject: message.subject ?? '',
          text: message.text,
          ...(message.html === null ? {} : { html: message.html }),
          messageId,
          headers: {
            // RFC 3834 §5: no out-of-office answers; the second one is for Exchange, which wants its own.
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
          },
          signal,
        };
        await transport.sendMail(mail);
        return { outcome: 'sent', reference: messageId, price: null };
      } catch (error) {
        return readFailure(error, content.stream?.readableDidRead === true);
      }
    },
    check: () => checkSmtp(options.url, () => transport.verify()),
    close: () => transport.close(),
  };
}

/**
 * A route for each mail server: `smtp`, `smtp-2` and so on, in their order.
 * @throws {SettingsError} where a setting is missing
 */
export function configuredMailRoutes(): RouteTable {
  const from = requiredSetting('MAIL_FROM');
  const channels = requiredSetting('SMTP_URL').map((url, index) =>
    smtpChannel({ name: smtpRouteName(index), url, from }),
  );
  return new RouteTable(channels, undefined, mailsAtOnce);
}

/** @param index of the server in SMTP_URL */
export function smtpRouteName(index: number): string {
  return index === 0 ? 'smtp' : `smtp-${index + 1}`;
}

/** Whether a server at an address has to encrypt: any but this machine itself, and one that was exempted in so many words. */
export function needsTls(address: string): boolean {
  const { protocol, hostname, searchParams } = new URL(address);
  // By its number, not by how it begins: a name may begin with `127.`, too.
  const here = hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
  return protocol === 'smtp:' && !here && searchParams.get('requireTLS') !== 'false';
}

/** nodemailer lets the address win over its options, and takes `?requireTLS=` or `=0` for a no. */
function withoutRequireTls(address: string): string {
  const url = new URL(address);
  if (needsTls(address)) url.searchParams.delete('requireTLS');
  return url.href;
}

/**
 * By the server's reply (RFC 5321 §4.2.1: 4xx may pass, 5xx will not), never in its words: they quote addresses.
 * @param begun whether the server was given something of the message. Without a reply to that, it may have taken it.
 */
function readFailure(error: unknown, begun: boolean): SendResult {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  // A server that won't encrypt says nothing about the message, whatever number it says it with.
  if (code === 'ETLS') return { outcome: 'transient', error: 'smtp-etls', ofRoute: true };
  if (typeof responseCode === 'number') {
    const outcome = responseCode >= 500 ? 'permanent' : 'transient';
    return { outcome, error: `smtp-${responseCode}`, ofRoute: code === 'EAUTH' || responseCode === closing };
  }
  const kind = typeof code === 'string' && /^E[A-Z]{1,20}$/.test(code) ? code.toLowerCase() : 'error';
  if (begun) return { outcome: 'unknown', error: `smtp-${kind}` };
  // An address that can't stand in an envelope; it never left this process.
  if (kind === 'eenvelope') return { outcome: 'permanent', error: 'smtp-eenvelope' };
  return { outcome: 'transient', error: `smtp-${kind}`, ofRoute: true };
}
