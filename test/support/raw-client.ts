import { connect, type Socket } from 'node:net';

/** One answer as it stood on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  // The fields differ by call, and a test that misreads one fails by itself.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** A client that sends bytes, whole requests or not. */
export class RawClient {
  private received = '';
  private readonly ended: Promise<void>;
  private more: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.more();
    });
    socket.on('error', () => undefined);
    this.ended = new Promise((done) => {
      socket.once('close', () => {
        done();
        this.more();
      });
    });
  }

  /** @param url of the server */
  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
    return new RawClient(socket);
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  send(...lines: string[]): void {
    this.socket.write(lines.join('\r\n'), 'latin1');
  }

  /** Reads nothing more from the network. */
  stopReading(): void {
    this.socket.pause();
  }

  readAgain(): void {
    this.socket.resume();
  }

  /** The next answer. @throws where the server ends the connection before */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const answer = this.take();
      if (answer) return answer;
      if (!this.isOpen) throw new Error(`The connection was ended after: ${this.received}`);
      await new Promise<void>((done) => (this.more = done));
    }
  }

  /** Settles when the server has ended the connection. @returns what came that is no whole answer */
  async closed(): Promise<string> {
    await this.ended;
    return this.received;
  }

  /** Ends the connection without a word, as a client that is gone. */
  leave(): void {
    this.socket.destroy();
  }

  private take(): RawAnswer | undefined {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [line = '', ...fields] = this.received.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 2)]),
    );
    const whole = end + 4 + Number(headers['content-length'] ?? 0);
    if (this.received.length < whole) return undefined;
    const text = this.received.slice(end + 4, whole);
    this.received = this.received.slice(whole);
    const body = headers['content-type']?.includes('json') === true ? JSON.parse(text) : text;
    return { status: Number(line.split(' ')[1]), headers, body };
  }
}
