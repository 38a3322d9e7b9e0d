import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** What a sender was asked to send, as docs/routes.md says. */
export interface AskedSms {
  readonly deliveryId: string;
  readonly to: string;
  readonly text: string;
  readonly kind: string;
  readonly country: string | null;
  readonly expiresAt: string;
}

/** A sender of an operator's own, which checks what it is asked by the library of Standard Webhooks. */
export interface HttpSender {
  readonly url: string;
  readonly secret: string;
  /** What came with a good signature; its key is the id that a repeat has too. */
  readonly asked: readonly { readonly id: string; readonly body: AskedSms }[];
  /** Requests without a good signature. */
  readonly forged: number;
  /** What it does with each request; takes it where none is set. */
  answer: ((response: ServerResponse, request: IncomingMessage) => void) | undefined;
  /** What it answers to OPTIONS; 204 where none is set. */
  probe: ((response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

export async function startHttpSender(): Promise<HttpSender> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const webhook = new Webhook(secret);
  const asked: { id: string; body: AskedSms }[] = [];
  const counts = { forged: 0 };
  const sender = {
    secret,
    asked,
    get forged() {
      return counts.forged;
    },
    answer: undefined as HttpSender['answer'],
    probe: undefined as HttpSender['probe'],
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'OPTIONS') {
      if (sender.probe) sender.probe(response);
      else response.writeHead(204, { allow: 'POST' }).end();
      return;
    }
    const headers = request.headers as Record<string, string>;
    try {
      const body = webhook.verify(Buffer.concat(chunks), headers) as AskedSms;
      asked.push({ id: String(headers['webhook-id']), body });
    } catch {
      counts.forged += 1;
      response.writeHead(401).end();
      return;
    }
    if (sender.answer) sender.answer(response, request);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"reference":"own-1","price":"0.0450"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(sender, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  }) as HttpSender;
}
