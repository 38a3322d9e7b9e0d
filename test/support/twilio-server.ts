import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TwilioMessage {
  readonly to: string;
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  readonly body: string;
  readonly validityPeriod: number;
}

/** What the server does with a request; without one it takes the message. */
export interface TwilioAnswer {
  readonly http?: number;
  /** Twilio's code of an error, in its body. */
  readonly code?: number;
  readonly retryAfter?: string;
  /** Status of the message in the body of a 201. */
  readonly status?: string;
  /** This body in place of Twilio's. */
  readonly body?: string;
  readonly drop?: boolean;
}

export interface TwilioServer {
  readonly host: string;
  readonly credentials: { readonly accountSid: string; readonly authToken: string };
  readonly messages: readonly TwilioMessage[];
  answer: TwilioAnswer | undefined;
  /** State of the account. */
  account: 'active' | 'suspended' | 'closed';
  close(): Promise<void>;
}

/** A server that speaks Twilio's API (2010-04-01) for messages and the account as far as it is used, on a free port of the loopback. */
export async function startTwilioServer(): Promise<TwilioServer> {
  const credentials = { accountSid: `AC${'0a'.repeat(16)}`, authToken: 'test-token' };
  const basic = `Basic ${Buffer.from(`${credentials.accountSid}:${credentials.authToken}`).toString('base64')}`;
  const account = `/2010-04-01/Accounts/${credentials.accountSid}`;
  const path = `${account}/Messages.json`;
  const messages: TwilioMessage[] = [];
  const twilio = {
    credentials,
    messages,
    answer: undefined as TwilioAnswer | undefined,
    account: 'active' as TwilioServer['account'],
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fields = new URLSearchParams(Buffer.concat(chunks).toString());
    const json = { 'content-type': 'application/json' };
    const isLook = request.method === 'GET' && request.url === `${account}.json`;
    if (!isLook && (request.method !== 'POST' || request.url !== path)) {
      response.writeHead(404, json).end(JSON.stringify({ code: 20404, message: 'Not found', status: 404 }));
      return;
    }
    if (request.headers.authorization !== basic) {
      response.writeHead(401, json).end(JSON.stringify({ code: 20003, message: 'Authenticate', status: 401 }));
      return;
    }
    if (isLook) {
      response.writeHead(200, json).end(JSON.stringify({ sid: credentials.accountSid, status: twilio.account }));
      return;
    }
    const to = String(fields.get('To'));
    const body = String(fields.get('Body'));
    messages.push({
      to,
      from: fields.get('From'),
      messagingServiceSid: fields.get('MessagingServiceSid'),
      body,
      validityPeriod: Number(fields.get('ValidityPeriod')),
    });
    const { http = 201, code, retryAfter, status = 'queued', drop, ...answer } = twilio.answer ?? {};
    if (drop) {
      request.socket.destroy();
      return;
    }
    const sid = `SM${String(messages.length).padStart(32, '0')}`;
    const made = { sid, status, to, body, price: null, price_unit: 'USD', error_code: code ?? null, num_segments: '1' };
    const refused = { code, message: `The number ${to} is refused: ${body}`, status: http };
    response.writeHead(http, { ...json, ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) });
    response.end(answer.body ?? JSON.stringify(http === 201 ? made : refused));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(twilio, {
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
