import { connect, type Socket } from 'node:net';

/*
 * A crowd of clients, as a process of its own: more calls than the gateway can answer, and whatever it answers is
 * counted. It shares the cores with what it presses, so it is plain: requests are bytes, of an answer it reads the head.
 */

export interface FloodCall {
  /** Calls of one kind are counted together. */
  readonly kind: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly apiKey: string;
}

export interface FloodJob {
  readonly host: string;
  readonly port: number;
  /** Made in turn, over and over. */
  readonly calls: readonly FloodCall[];
  readonly connections: number;
  readonly seconds: number;
  /** Calls a second, evenly spaced, whatever the answers take; null: each connection calls again once it is answered. */
  readonly rate: number | null;
}

export interface FloodKind {
  sent: number;
  /** By status; `cut` where the connection ended before the answer. */
  readonly answers: Record<string, number>;
  /** Refusals with 503 that do not say when to come again, or are none of ours. */
  bare: number;
  /** From the request to the answer, on a connection. */
  readonly acceptedP50Ms: number;
  readonly refusedP50Ms: number;
}

export interface FloodResult {
  readonly kinds: Readonly<Record<string, FloodKind>>;
  /** Ids of the challenges in the answers 201. */
  readonly challenges: readonly string[];
}

interface Counting {
  sent: number;
  answers: Record<string, number>;
  bare: number;
  accepted: number[];
  refused: number[];
}

interface Client {
  socket: Socket;
  call: FloodCall | undefined;
  sentAt: number;
  received: Buffer;
}

function encode({ host, port }: FloodJob, { method, path, body = '', apiKey }: FloodCall): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, `host: ${host}:${port}`, `authorization: Bearer ${apiKey}`];
  if (method !== 'GET') head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function median(values: readonly number[]): number {
  return Float64Array.from(values).toSorted()[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function run(job: FloodJob): Promise<FloodResult> {
  const calls = job.calls.map((call) => ({ call, bytes: encode(job, call) }));
  const kinds = new Map<string, Counting>();
  for (const { kind } of job.calls) kinds.set(kind, { sent: 0, answers: {}, bare: 0, accepted: [], refused: [] });
  const challenges: string[] = [];
  const of = (call: FloodCall) => kinds.get(call.kind) as Counting;
  const until = performance.now() + job.seconds * 1000;
  let next = 0;
  let open = 0;

  await new Promise<void>((done) => {
    const idle: Client[] = [];
    let due = 0;
    const count = (client: Client, status: string) => {
      const { call, sentAt } = client;
      client.call = undefined;
      if (!call) return;
      const counting = of(call);
      counting.answers[status] = (counting.answers[status] ?? 0) + 1;
      const ms = performance.now() - sentAt;
      if (status.startsWith('2')) counting.accepted.push(ms);
      if (status === '503') counting.refused.push(ms);
    };
    const send = (client: Client) => {
      const { call, bytes } = calls[next++ % calls.length] as (typeof calls)[number];
      client.call = call;
      client.sentAt = performance.now();
      of(call).sent += 1;
      client.socket.write(bytes);
    };
    const goOn = (client: Client) => {
      if (performance.now() >= until) {
        client.socket.destroy();
        return;
      }
      if (job.rate === null) send(client);
      else if (due === 0) idle.push(client);
      else {
        due -= 1;
        send(client);
      }
    };
    const read = (client: Client, chunk: Buffer) => {
      client.received = client.received.length === 0 ? chunk : Buffer.concat([client.received, chunk]);
      const { received } = client;
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = received.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const status = head.slice(9, 12);
      const body = received.subarray(end + 4, end + 4 + length);
      if (status === '503' && client.call) {
        const whole =
          /\r\nretry-after: [1-9]/i.test(head) && /\r\ncontent-type: application\/problem\+json/i.test(head);
        if (!whole || !body.includes('"unavailable"')) of(client.call).bare += 1;
      }
      if (status === '201') {
        const id = /"id":"(chl_\w+)"/.exec(body.toString())?.[1];
        if (id !== undefined) challenges.push(id);
      }
      client.received = received.subarray(end + 4 + length);
      count(client, status);
      goOn(client);
    };
    const begin = () => {
      const socket = connect({ host: job.host, port: job.port, noDelay: true });
      const client: Client = { socket, call: undefined, sentAt: 0, received: Buffer.alloc(0) };
      open += 1;
      socket.on('connect', () => goOn(client));
      socket.on('data', (chunk: Buffer) => read(client, chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open -= 1;
        count(client, 'cut');
        const index = idle.indexOf(client);
        if (index >= 0) idle.splice(index, 1);
        if (performance.now() < until) setTimeout(begin, 10);
        else if (open === 0) done();
      });
    };
    for (let number = 0; number < job.connections; number += 1) begin();
    const { rate } = job;
    let dueAt = performance.now();
    const clock = setInterval(() => {
      const now = performance.now();
      if (now >= until) {
        clearInterval(clock);
        for (const client of idle.splice(0)) client.socket.destroy();
        if (open === 0) done();
        return;
      }
      for (; rate !== null && dueAt <= now; dueAt += 1000 / rate) {
        // The one that has been idle longest: each is used before the gateway gives it up.
        const client = idle.shift();
        if (client) send(client);
        else due += 1;
      }
    }, 2);
  });

  const result = [...kinds].map(([kind, { accepted, refused, ...counted }]): [string, FloodKind] => [
    kind,
    { ...counted, acceptedP50Ms: median(accepted), refusedP50Ms: median(refused) },
  ]);
  return { kinds: Object.fromEntries(result), challenges };
}

process.once('message', (job: FloodJob) => {
  run(job)
    .then((result) => process.send?.(result, () => process.disconnect()))
    .catch((error: Error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    });
});
