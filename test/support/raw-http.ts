import { connect } from 'node:net';

/** What came back on a connection of its own, and whether the server ended it. */
export interface RawAnswer {
  readonly text: string;
  /** Undefined where there was none. */
  readonly status: number | undefined;
  readonly ended: boolean;
}

/**
 * Sends bytes as they are, which no HTTP client would, and takes what comes until the server ends the connection. For its
 * first word it is waited for: a busy machine may take long.
 * @param patienceMs how long a server may keep the connection once it answers; some answers are streams
 */
export function sendRaw(url: string, bytes: string, patienceMs = 1000): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    let patience: NodeJS.Timeout | undefined;
    const end = (ended: boolean) => {
      clearTimeout(patience);
      socket.destroy();
      const status = /^(?:HTTP\/1\.1 100[^]*?\r\n\r\n)?HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      done({ text, status: status === undefined ? undefined : Number(status), ended });
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      patience ??= setTimeout(() => end(false), patienceMs);
    });
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
    socket.write(bytes, 'latin1');
  });
}

/** Begins a request and is gone in the middle of it, without a goodbye. */
export function breakOff(url: string, bytes: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => done());
    socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()));
  });
}

/** Requests that no client of ours would send, by what is wrong with them. */
export function oddRequests(url: string): ReadonlyMap<string, string> {
  const { host } = new URL(url);
  const request = (target: string, headers = '', method = 'GET', from = host) =>
    `${method} ${target} HTTP/1.1\r\nHost: ${from}\r\nConnection: close\r\n${headers}\r\n`;
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  const targets =
    `// /// //[ //% /\\\\ /% /%00 /%c0%af /?%ff&to=%&__proto__=1 /assets/%E0%A4%A /assets/__proto__ /.//evil.example
     /events?after=% * nowhere ? http://evil.example/ http://[/ http://evil.example:99999/ ftp://evil.example/
     http://u:p@${host}/ /a\0b /\xff`.split(/\s+/);
  const hosts = ['a b', '[', '%', '', 'evil.example', `${host}\r\nHost: evil.example`, '[::1', `u:p@${host}`];
  const others: Record<string, string> = {
    'OPTIONS *': request('*', '', 'OPTIONS'),
    CONNECT: `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`,
    TRACE: request('/', '', 'TRACE'),
    'a method of others': request('//', '', 'PROPFIND'),
    'no host': 'GET // HTTP/1.1\r\nConnection: close\r\n\r\n',
    'HTTP/1.0': 'GET // HTTP/1.0\r\n\r\n',
    'a web socket': request('//', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AA\r\n'),
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    TLS: `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'x'.repeat(100)}\r\n\r\n`,
    'an address of 20 kB': request(`/${'a'.repeat(20_000)}`),
    '3,000 headers': request('/', Array.from({ length: 3000 }, (_, n) => `x${n}: a\r\n`).join('')),
    'an unknown expectation': request('/', 'Expect: more\r\n', 'POST'),
    'a broken chunk': `${request('/sign-in', `Transfer-Encoding: chunked\r\n${form}`, 'POST')}zz\r\nabc\r\n`,
    'two lengths': `${request('/', 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', 'POST')}0\r\n\r\n`,
    'broken headers': request(
      '/',
      'Cookie: session=%; language=%E0%A4%A; =; ;;=\r\nAccept-Language: ;;q=x,,\r\nAuthorization: Basic !\r\n',
    ),
  };
  return new Map([
    ...[...targets, '/a b'].map((target) => [`GET ${target}`, request(target)] as const),
    ...hosts.map((from) => [`Host: ${from}`, request('//', '', 'GET', from)] as const),
    ...Object.entries(others),
  ]);
}
