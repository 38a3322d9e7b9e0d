import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { contentOf, type CertificateFiles } from './own-ca.js';

export interface HecEvent {
  readonly time: number;
  readonly source: string;
  readonly sourcetype: string;
  readonly index?: string;
  readonly fields: { readonly tenant: string; readonly sequence: number; readonly eventId: string };
  readonly event: unknown;
}

export const hecToken = '5fbd26f0-1c0c-4c5e-a0d3-3f6a6b6c0b0c';

/** An HTTP event collector, as far as Splunk's documentation describes one: `behave` has it be slow, or refuse. */
export class HecServer {
  /** The events of each request that was taken. */
  readonly batches: HecEvent[][] = [];
  readonly channels = new Set<string>();
  zipped = 0;
  /** Answers in place of it, where it returns true. */
  behave: (path: string, response: ServerResponse) => boolean | Promise<boolean> = () => false;
  acknowledges = true;
  private readonly acknowledged: number[] = [];
  private nextAck = 0;

  private constructor(private readonly server: Server) {}

  static async start(own: CertificateFiles): Promise<HecServer> {
    const server = createServer(contentOf(own));
    const hec = new HecServer(server);
    server.on('request', (request, response) => void hec.answer(request, response));
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    return hec;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  get events(): HecEvent[] {
    return this.batches.flat();
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request);
    const path = request.url ?? '';
    if (await this.behave(path, response)) return;
    const say = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (request.headers.authorization !== `Splunk ${hecToken}`)
      return void say(403, { text: 'Invalid token', code: 4 });
    const channel = String(request.headers['x-splunk-request-channel'] ?? '');
    if (channel === '') return void say(400, { text: 'Data channel is missing', code: 10 });
    this.channels.add(channel);
    const isZipped = request.headers['content-encoding'] === 'gzip';
    if (isZipped) this.zipped += 1;
    const text = (isZipped ? gunzipSync(bytes) : bytes).toString();
    if (path === '/services/collector/ack') {
      const { acks } = JSON.parse(text) as { acks: number[] };
      const isDone = (id: number) => this.acknowledges && this.acknowledged.includes(id);
      return void say(200, { acks: Object.fromEntries(acks.map((id) => [id, isDone(id)])) });
    }
    if (path !== '/services/collector/event')
      return void say(404, { text: 'The requested URL was not found', code: 404 });
    this.batches.push(text.split('\n').map((line) => JSON.parse(line) as HecEvent));
    const ackId = (this.nextAck += 1);
    this.acknowledged.push(ackId);
    say(200, { text: 'Success', code: 0, ackId });
  }
}
