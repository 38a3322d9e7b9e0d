import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An endpoint of webhooks that takes everything at once, in a process of its own; ends with the one that started it. Asked by
 * any message, it answers with what has come since the last time: by path, the time from each event's own time to its arrival.
 */
let latencies: Record<string, number[]> = {};

const server = createServer((request, response) => {
  const arrivedAt = Date.now();
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    response.writeHead(204).end();
    const { time } = JSON.parse(Buffer.concat(parts).toString()) as { time: string };
    (latencies[request.url ?? ''] ??= []).push(arrivedAt - Date.parse(time));
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => {
  process.send?.(latencies);
  latencies = {};
});
process.once('disconnect', () => {
  server.closeAllConnections();
  server.close();
});
