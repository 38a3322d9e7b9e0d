import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A line to a server that can be cut and mended, while the server itself runs on. */
export interface Line {
  /** The server's address, by way of the line. */
  readonly url: string;
  /** Ends what is connected; whoever connects now is turned away. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/**
 * @param url where the server is
 * @param before what a request waits for before it is handed on, if for anything
 */
export async function openLine(
  url: string,
  before: (request: Buffer) => Promise<void> | undefined = () => undefined,
): Promise<Line> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    far.pipe(near);
    const waiting = new Transform({
      transform: (request: Buffer, _, done) => void Promise.resolve(before(request)).then(() => done(null, request)),
    });
    near.pipe(waiting).pipe(far);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const own = new URL(url);
  own.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: own.toString(),
    cut,
    mend: () => {
      whole = true;
    },
    async close() {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
}
