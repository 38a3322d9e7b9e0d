import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/*
 * Those who follow the live log, in a process of their own; ends with the one that started it. Told where it is, it says when
 * all are there; told how many events there were, it says when each has come to each, and how long they took.
 */

export interface StreamClientsJob {
  readonly port: number;
  readonly apiKey: string;
  readonly clients: number;
}

export type StreamClientsAnswer =
  { readonly received: number; readonly p50Ms: number; readonly p99Ms: number } | { readonly fault: string };

const patienceMs = 60_000;
const latencies: number[] = [];
let followers = 0;

function read(response: IncomingMessage): void {
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const arrivedAt = Date.now();
    const frames = (text + chunk).split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const time = /^data: .*"time":"([^"]+)"/m.exec(frame)?.[1];
      if (time !== undefined) latencies.push(arrivedAt - Date.parse(time));
    }
  });
}

async function follow({ port, apiKey }: StreamClientsJob): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const request = get({ port, host: '127.0.0.1', path: '/v1/audit/stream', headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`A stream was refused: ${response.statusCode}.`);
  response.on('error', () => undefined);
  read(response);
}

async function all(events: number): Promise<StreamClientsAnswer> {
  const wanted = events * followers;
  for (let waited = 0; latencies.length < wanted; waited += 10) {
    if (waited > patienceMs) throw new Error(`${latencies.length} of ${wanted} events came.`);
    await new Promise((done) => setTimeout(done, 10));
  }
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { received: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on('message', (message: StreamClientsJob | { readonly events: number }) => {
  const work =
    'events' in message
      ? all(message.events)
      : Promise.all(Array.from({ length: message.clients }, () => follow(message))).then(
          (opened): StreamClientsAnswer => {
            followers = opened.length;
            return { received: 0, p50Ms: 0, p99Ms: 0 };
          },
        );
  work.then(
    (answer) => process.send?.(answer),
    (error: Error) => process.send?.({ fault: error.message }),
  );
});
process.once('disconnect', () => process.exit());
