import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A collector of traces that takes everything at once, in a process of its own; ends with the one that started it. */
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => {
  server.closeAllConnections();
  server.close();
});
