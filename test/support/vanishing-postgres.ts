import { createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A PostgreSQL that takes every login and goes away at the first question, as one that is being stopped does. A client
 * that loses its server in the middle emits an `error` besides failing the query.
 */
export async function startVanishingPostgres(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const message = (type: string, body: number[]) =>
    Buffer.from([...Buffer.from(type), 0, 0, 0, body.length + 4, ...body]);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      // AuthenticationOk, and ReadyForQuery: idle.
      socket.write(Buffer.concat([message('R', [0, 0, 0, 0]), message('Z', [0x49])]));
      socket.once('data', () => socket.destroy());
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://user:password@127.0.0.1:${port}/database`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
