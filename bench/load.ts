import { connect, type Socket } from 'node:net';

/*
 * The load generator, a process of its own. It shares the cores with what it measures, so it is plain: requests are
 * bytes before the clock starts, and of an answer it reads the status and the length. About 15 µs a request.
 */

/** Status and words that an answer must have: a refusal is quicker than the work. */
export interface Expected {
  readonly status: number;
  readonly text: string;
}

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Instead of the job's. */
  readonly expect?: Expected;
  /** Besides those of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LoadJob {
  readonly host: string;
  /** Of the processes that share the requests; connections go to them in turn. */
  readonly ports: readonly number[];
  readonly authorization: string;
  readonly requests: readonly LoadRequest[];
  /** Whether to begin again where the requests run out; otherwise the measurement ends there. */
  readonly repeat: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, evenly spaced, whatever the answers take; null for as many as the connections carry. */
  readonly rate: number | null;
  /** What the answer to a request must have that names nothing itself. */
  readonly expect: Expected;
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
  expect: Expected;
  received: Buffer;
}

function encode(job: LoadJob, { method, path, body, headers = {} }: LoadRequest): Buffer {
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${job.host}:${job.ports[0]}`,
    `authorization: ${job.authorization}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Bytes of the answer that stands at the front, or undefined while it is not whole. */
function wholeAnswer(received: Buffer): { readonly status: number; readonly end: number } | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const text = received.toString('latin1', 0, head);
  const status = Number(text.slice(9, 12));
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (length === undefined) {
    if (!/\r\ntransfer-encoding: chunked/i.test(text))
      throw new Error(`An answer tells no length: ${text.split('\r\n', 1)[0]}`);
    const last = received.indexOf('\r\n0\r\n\r\n', head + 2);
    return last < 0 ? undefined : { status, end: last + 7 };
  }
  const end = head + 4 + Number(length);
  return received.length < end ? undefined : { status, end };
}

function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

async function run(job: LoadJob): Promise<LoadResult> {
  const prepared = job.requests.map((request) => ({
    bytes: encode(job, request),
    expect: request.expect ?? job.expect,
  }));
  const latencies: number[] = [];
  const connections = await Promise.all(
    Array.from({ length: job.connections }, async (_, index): Promise<Connection> => {
      const port = job.ports[index % job.ports.length] ?? 0;
      const socket = connect({ host: job.host, port, noDelay: true });
      await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
      return { socket, dueAt: 0, expect: job.expect, received: Buffer.alloc(0) };
    }),
  );

  let next = 0;
  let underWay = 0;
  let scheduler: NodeJS.Timeout | undefined;
  const started = performance.now();
  const until = started + job.seconds * 1000;
  try {
    await new Promise<void>((done, fail) => {
      const take = () => (next < prepared.length || job.repeat ? prepared[next++ % prepared.length] : undefined);
      const send = (connection: Connection, dueAt: number): boolean => {
        const request = performance.now() < until ? take() : undefined;
        if (!request) return false;
        connection.dueAt = dueAt;
        underWay += 1;
        connection.expect = request.expect;
        connection.socket.write(request.bytes);
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
        if (underWay === 0 && (performance.now() >= until || next >= prepared.length)) done();
      };
      for (const connection of connections) {
        connection.socket.on('error', fail);
        connection.socket.on('close', () => fail(new Error('The gateway closed a connection.')));
        connection.socket.on('data', (chunk: Buffer) => {
          const { received } = connection;
          connection.received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
          const answer = wholeAnswer(connection.received);
          if (!answer) return;
          const { status, text } = connection.expect;
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
          // In turn: a gateway ends a connection on which it has waited for long.
          const connection = idle.shift();
          if (!connection) due.push(dueAt);
          else if (!send(connection, dueAt)) idle.push(connection);
        }
        if (underWay === 0 && (now >= until || next >= prepared.length)) done();
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
