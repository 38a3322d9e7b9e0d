import { connect, type Socket } from 'node:net';

/*
 * The load generator, a process of its own. It shares the cores with what it measures, so it is plain: requests are
 * bytes before the clock starts, and of an answer it reads the status and the length. About 15 µs a request.
 */

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface LoadJob {
  readonly host: string;
  readonly port: number;
  readonly authorization: string;
  readonly requests: readonly LoadRequest[];
  /** Whether to begin again where the requests run out; otherwise the measurement ends there. */
  readonly repeat: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, evenly spaced, whatever the answers take; null for as many as the connections carry. */
  readonly rate: number | null;
  /** Status and words that every answer must have: a refusal is quicker than the work. */
  readonly expect: { readonly status: number; readonly text: string };
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type LoadAnswer = { readonly result: LoadResult } | { readonly fault: string };

interface Connection {
  readonly socket: Socket;
  dueAt: number;
  received: Buffer;
}

function encode(job: LoadJob, { method, path, body }: LoadRequest): Buffer {
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${job.host}:${job.port}`,
    `authorization: ${job.authorization}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Bytes of the answer that stands at the front, or undefined while it is not whole. */
function wholeAnswer(received: Buffer): { readonly status: number; readonly end: number } | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const text = received.toString('latin1', 0, head);
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (length === undefined) throw new Error(`An answer tells no length: ${text.split('\r\n', 1)[0]}`);
  const end = head + 4 + Number(length);
  return received.length < end ? undefined : { status: Number(text.slice(9, 12)), end };
}

function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

async function run(job: LoadJob): Promise<LoadResult> {
  const bytes = job.requests.map((request) => encode(job, request));
  const latencies: number[] = [];
  const connections = await Promise.all(
    Array.from({ length: job.connections }, async (): Promise<Connection> => {
      const socket = connect({ host: job.host, port: job.port, noDelay: true });
      await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
      return { socket, dueAt: 0, received: Buffer.alloc(0) };
    }),
  );

  let next = 0;
  let underWay = 0;
  let scheduler: NodeJS.Timeout | undefined;
  const started = performance.now();
  const until = started + job.seconds * 1000;
  try {
    await new Promise<void>((done, fail) => {
      const take = () => (next < bytes.length || job.repeat ? bytes[next++ % bytes.length] : undefined);
      const send = (connection: Connection, dueAt: number): boolean => {
        const request = performance.now() < until ? take() : undefined;
        if (!request) return false;
        connection.dueAt = dueAt;
        underWay += 1;
        connection.socket.write(request);
        return true;
      };
      const idle: Connection[] = [];
      const due: number[] = [];
      const goOn = (connection: Connection) => {
        if (job.rate === null) {
          if (!send(connection, performance.now()) && underWay === 0) done();
          return;
        }
        const dueAt = due.shift();
        if (dueAt === undefined || !send(connection, dueAt)) idle.push(connection);
        if (underWay === 0 && (performance.now() >= until || next >= bytes.length)) done();
      };
      for (const connection of connections) {
        connection.socket.on('error', fail);
        connection.socket.on('close', () => fail(new Error('The gateway closed a connection.')));
        connection.socket.on('data', (chunk: Buffer) => {
          const { received } = connection;
          connection.received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
          const answer = wholeAnswer(connection.received);
          if (!answer) return;
          const { status, text } = job.expect;
          if (answer.status !== status || !connection.received.includes(text)) {
            fail(new Error(`${answer.status} instead of ${status}: ${connection.received.toString().slice(-600)}`));
            return;
          }
          connection.received = connection.received.subarray(answer.end);
          latencies.push(performance.now() - connection.dueAt);
          underWay -= 1;
          goOn(connection);
        });
      }
      if (job.rate === null) {
        for (const connection of connections) goOn(connection);
        return;
      }
      idle.push(...connections);
      const gapMs = 1000 / job.rate;
      let dueAt = started;
      scheduler = setInterval(() => {
        const now = performance.now();
        for (; dueAt <= now && dueAt < until; dueAt += gapMs) {
          const connection = idle.pop();
          if (!connection) due.push(dueAt);
          else if (!send(connection, dueAt)) idle.push(connection);
        }
        if (underWay === 0 && (now >= until || next >= bytes.length)) done();
      }, 1);
    });
  } finally {
    clearInterval(scheduler);
    for (const { socket } of connections) {
      socket.removeAllListeners('close');
      socket.destroy();
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const sorted = Float64Array.from(latencies).toSorted();
  return { requests: sorted.length, seconds, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

process.once('message', (job: LoadJob) => {
  run(job)
    .then(
      (result): LoadAnswer => ({ result }),
      (error: Error): LoadAnswer => ({ fault: error.message }),
    )
    .then((answer) => process.send?.(answer, () => process.disconnect()))
    .catch(() => process.exit(1));
});
