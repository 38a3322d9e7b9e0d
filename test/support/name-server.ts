import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A name server on a free port of the loopback, whose answers a test chooses. */
export interface NameServer {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** Names that were asked for, once for each family. */
  readonly asked: readonly string[];
  close(): void;
}

const [ipv4, ipv6] = [1, 28];

/** Labels of a question, each behind its length (RFC 1035 §3.1.2). @returns where they end, too */
function nameIn(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** @param addressesOf those of IPv4 at each question; nothing is an answer without any; a promise makes it wait */
export async function startNameServer(
  addressesOf: (name: string) => readonly string[] | Promise<readonly string[]>,
): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    void (async () => {
      const { name, end } = nameIn(question);
      const type = question.readUInt16BE(end);
      asked.push(name);
      const addresses = type === ipv4 ? await addressesOf(name) : [];
      const answers = addresses.map((ip) =>
        // The name by its place in the question, type A, class IN, no time to live, four bytes.
        Buffer.from([0xc0, 12, 0, ipv4, 0, 1, 0, 0, 0, 0, 0, 4, ...ip.split('.').map(Number)]),
      );
      const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, answers.length, 0, 0, 0, 0]);
      if (type === ipv4 || type === ipv6)
        socket.send(Buffer.concat([head, question.subarray(12, end + 4), ...answers]), from.port, from.address);
    })();
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return { address: `127.0.0.1:${(socket.address() as AddressInfo).port}`, asked, close: () => void socket.close() };
}
