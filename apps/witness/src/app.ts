import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { isStoreError } from './witness-store.js';
import { Refusal, type Witness } from './witness.js';

/** The largest note that is read, 63 hashes and a size. */
export const mostBodyBytes = 256 * 1024 + 4096;

export interface AppOptions {
  readonly witness: Pick<Witness, 'cosign'>;
  readonly vkey: string;
  /** Told how each call of `add-checkpoint` was answered. */
  onAnswer(status: number): void;
  /** Told of what is no fault of the caller. */
  onFault(error: unknown): void;
}

/** C2SP tlog-witness over HTTP; and who the witness is, and that it runs. */
export function witnessApp({ witness, vkey, onAnswer, onFault }: AppOptions): Hono {
  return new Hono()
    .use(async (c, next) => {
      await next();
      c.header('cache-control', 'no-store');
      c.header('x-content-type-options', 'nosniff');
    })
    .get('/', (c) => c.text(`${vkey}\n`))
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .use('/add-checkpoint', async (c, next) => {
      await next();
      onAnswer(c.res.status);
    })
    .post('/add-checkpoint', bodyLimit({ maxSize: mostBodyBytes, onError: tooLarge }), async (c) =>
      c.text(witness.cosign(new Uint8Array(await c.req.arrayBuffer()))),
    )
    .all('/add-checkpoint', (c) => c.text('Send a checkpoint with POST.\n', 405, { allow: 'POST' }))
    .notFound((c) => c.text('There are POST /add-checkpoint, GET / (the public key) and GET /healthz.\n', 404))
    .onError((error, c) => {
      if (error instanceof Refusal) return refuse(error, c);
      if (!isStoreError(error)) throw error;
      onFault(error);
      return c.text('The witness cannot write down what it would sign. Try again later.\n', 503);
    });
}

function refuse({ status, message, size }: Refusal, c: Context): Response {
  // C2SP tlog-witness: nothing but the size.
  if (size !== undefined) return c.body(`${size}\n`, status, { 'content-type': 'text/x.tlog.size' });
  return c.text(`${message}\n`, status);
}

/** What still comes is not read. */
function tooLarge(c: Context): Response {
  return c.text(`A request has at most ${mostBodyBytes} bytes.\n`, 413, { connection: 'close' });
}
