import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';

/** A mail as it came. */
export interface ReceivedMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** Unfolded, by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly raw: string;
  /** Whether the sender was told that it was accepted. */
  readonly accepted: boolean;
}

/** What the server does with one mail; without one it accepts. */
export interface SmtpAnswer {
  /** Where it refuses, `DATA` being after the whole message. */
  readonly at?: 'MAIL' | 'RCPT' | 'DATA';
  /** Reply code of the refusal. */
  readonly code?: number;
  /** Takes the whole message, then ends the connection without a word. */
  readonly drop?: boolean;
  /** Waits before the reply to the whole message. */
  readonly delayMs?: number;
}

export interface TestSmtpServer {
  readonly url: string;
  /** Every mail whose content came, also what was refused then or dropped. */
  readonly mails: readonly ReceivedMail[];
  /** Answers for the next mails, in this order. */
  next(...answers: SmtpAnswer[]): void;
  /** Accepts again, whatever answers are left. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * A mail server on a free port of the loopback.
 * @param options `badTls`: offers STARTTLS with a certificate that nobody signed. `password`: it wants a login, of any user
 */
export async function startSmtpServer(options: { badTls?: boolean; password?: string } = {}): Promise<TestSmtpServer> {
  const mails: ReceivedMail[] = [];
  const script: SmtpAnswer[] = [];
  const current = new WeakMap<object, SmtpAnswer>();
  const sockets = new Set<Socket>();

  const refusal = (session: object, at: SmtpAnswer['at']): Error | undefined => {
    const answer = current.get(session);
    if (answer?.at !== at || answer?.code === undefined) return undefined;
    return Object.assign(new Error('refused by the script'), { responseCode: answer.code });
  };

  const server = new SMTPServer({
    // Keeps it from warning about the certificate that `badTls` is about.
    logger: false,
    authOptional: options.password === undefined,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) =>
      password === options.password ? callback(null, { user: username }) : callback(new Error('refused by the script')),
    disableReverseLookup: true,
    disabledCommands: [...(options.password === undefined ? ['AUTH'] : []), ...(options.badTls ? [] : ['STARTTLS'])],
    onMailFrom: (_address, session, callback) => {
      current.set(session, script.shift() ?? {});
      callback(refusal(session, 'MAIL'));
    },
    onRcptTo: (_address, session, callback) => callback(refusal(session, 'RCPT')),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const answer = current.get(session) ?? {};
        const refused = refusal(session, 'DATA');
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          envelope: { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) },
          ...parseMail(Buffer.concat(chunks).toString()),
          accepted: !refused && !answer.drop,
        });
        void delay(answer.delayMs ?? 0).then(() => {
          if (!answer.drop) return callback(refused);
          for (const socket of sockets) if (socket.remotePort === session.remotePort) socket.destroy();
        });
      });
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    next: (...answers) => void script.push(...answers),
    forget: () => void script.splice(0),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Where a server may end the connection instead of its reply. */
type Place = 'greeting' | 'MAIL' | 'RCPT' | 'DATA' | 'message';

/** A server that speaks SMTP up to one reply, and then ends the connection without a word. */
export async function startAbruptSmtpServer(at: Place): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (at === 'greeting') return socket.destroy();
    socket.write('220 mail.example\r\n');
    let inMessage = false;
    createInterface(socket).on('line', (line) => {
      const place = inMessage ? (line === '.' ? 'message' : undefined) : line.split(/[ :]/)[0]?.toUpperCase();
      if (place === undefined) return;
      if (place === at) return socket.destroy();
      inMessage = place === 'DATA';
      socket.write(inMessage ? '354 go on\r\n' : '250 ok\r\n');
    });
    return socket;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

interface Entity {
  readonly headers: Record<string, string>;
  readonly body: string;
}

function splitEntity(raw: string): Entity {
  const end = raw.indexOf('\r\n\r\n');
  const head = (end < 0 ? raw : raw.slice(0, end)).replace(/\r\n[ \t]+/g, ' ');
  const fields = head.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: Object.fromEntries(fields), body: end < 0 ? '' : raw.slice(end + 4) };
}

function decodeBody({ headers, body }: Entity): string {
  const encoding = (headers['content-transfer-encoding'] ?? '7bit').toLowerCase();
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString()
      : encoding === 'quoted-printable'
        ? Buffer.from(
            body
              .replace(/=\r\n/g, '')
              .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString()
        : body;
  return text.replace(/\r\n/g, '\n');
}

/** Encoded words of RFC 2047, in UTF-8. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString()
        : decodeBody({
            headers: { 'content-transfer-encoding': 'quoted-printable' },
            body: text.replace(/_/g, ' '),
          }),
    );
}

/** As much of MIME as our own mails use: one text, or text and HTML as alternatives. */
function parseMail(raw: string) {
  const mail = splitEntity(raw);
  const type = mail.headers['content-type'] ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  const parts = boundary
    ? mail.body
        .split(`--${boundary}`)
        .slice(1, -1)
        .map((part) => splitEntity(part.replace(/^\r\n/, '').replace(/\r\n$/, '')))
    : [mail];
  const find = (kind: string) =>
    parts.find(({ headers }) => (headers['content-type'] ?? 'text/plain').startsWith(kind));
  const text = find('text/plain');
  const html = find('text/html');
  return {
    headers: mail.headers,
    messageId: mail.headers['message-id'] ?? '',
    subject: decodeWords(mail.headers['subject'] ?? ''),
    text: text ? decodeBody(text) : '',
    html: html ? decodeBody(html) : '',
    raw,
  };
}
