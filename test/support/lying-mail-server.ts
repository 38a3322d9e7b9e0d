import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What a mail server does that is none; `drips` is a tarpit. */
export type Lie =
  | 'closes-before-the-greeting'
  | 'drops-after-data'
  | 'drops-within-data'
  | 'answers-garbage'
  | 'closes-with-421'
  | 'takes-and-closes'
  | 'drips';

/** Says by itself what each line is answered with: a library of servers would not lie. */
export async function startLyingMailServer(lie: Lie): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const greeting = greetings[lie];
    if (greeting) greeting(socket);
    else talk(socket, lie);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const greetings: Partial<Record<Lie, (socket: Socket) => void>> = {
  'closes-before-the-greeting': (socket) => void socket.end(),
  'answers-garbage': (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'closes-with-421': (socket) => void socket.end('421 4.3.2 Shutting down\r\n'),
  drips: (socket) => {
    const drip = setInterval(() => socket.write('2'), 500);
    socket.on('close', () => clearInterval(drip));
  },
};

function talk(socket: Socket, lie: Lie): void {
  let data = false;
  socket.write('220 mail.example ESMTP\r\n');
  createInterface({ input: socket }).on('line', (line) => {
    if (data) {
      if (lie === 'drops-within-data') socket.destroy();
      if (line !== '.') return;
      if (lie === 'takes-and-closes') socket.end('250 2.0.0 Taken\r\n');
      else socket.destroy();
      return;
    }
    const [command] = line.toUpperCase().split(' ');
    data = command === 'DATA';
    socket.write(data ? '354 Go on\r\n' : '250 mail.example\r\n');
  });
}
