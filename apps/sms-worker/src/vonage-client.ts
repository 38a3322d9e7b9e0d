import { Vonage } from '@vonage/server-sdk';
import { Agent, request } from 'undici';

export interface VonageAccount {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Where the API is, if not at Vonage. */
  readonly host: string | undefined;
}

/** The SDK takes no signal: after this long without an answer its connection is ended. As long as a delivery listens at most. */
const requestMs = 60_000;
const connectMs = 4000;
/** Each carries one message at a time. */
const mostConnections = 500;
/** What is read of an answer, in bytes; one to an SMS of ours has less than 1000. */
const answerBytes = 65_536;

type Client = Vonage['sms' | 'accounts'];
type Request = Parameters<Client['sendRequest']>[0];

/** Protected in the SDK's types, for clients that are made of its own. */
interface Writer {
  prepareRequest(asked: Request): Promise<Request>;
  prepareBody(asked: Request): string | undefined;
}

/** An answer other than 2xx, as the SDK's own errors have it. */
class Refusal extends Error {
  readonly response;

  constructor(status: number, headers: Readonly<Record<string, unknown>>) {
    super('Vonage refused.');
    this.response = { status, headers: { get: (name: string) => headers[name] } };
  }
}

/** No answer in time, by the name that the SDK's own error has. */
class TimeUp extends Error {
  override name = 'AbortError';
}

/** An answer that is longer than any that Vonage gives. What it says is not known. */
export class OverlongAnswer extends Error {}

/**
 * Vonage's SDK, as workers send by it and `doctor` looks by it, with a transport of ours: the SDK makes of a message what Vonage understands, and of the answer what we understand,
 * and fails as it always does. By its own transport (node-fetch) a message takes twice as much of a worker's time, an answer is read
 * however long it is, and a redirection is followed with the code in hand.
 */
export class VonageClient extends Vonage {
  private connections = openConnections();

  constructor({ apiKey, apiSecret, host }: VonageAccount) {
    // Without the empty key the SDK asks the disk for `undefined`, of which Node.js warns (DEP0187).
    super({ apiKey, apiSecret, privateKey: '' }, host ? { restHost: host } : {});
    for (const client of [this.sms, this.accounts]) this.carry(client);
  }

  /** Ends its connections. What is sent later opens others. */
  close(): void {
    const { connections } = this;
    this.connections = openConnections();
    void connections.destroy();
  }

  private carry(client: Client): void {
    const writer = client as unknown as Writer;
    const send = async (asked: Request) => {
      const prepared = await writer.prepareRequest(asked);
      try {
        return { data: await this.answerTo(prepared, writer.prepareBody(prepared)) };
      } catch (error) {
        throw namedAsBySdk(error);
      }
    };
    // Of what else the SDK's own returns neither of the two clients reads anything.
    client.sendRequest = send as unknown as Client['sendRequest'];
  }

  private async answerTo({ url, method, headers }: Request, body: string | undefined): Promise<unknown> {
    const answer = await request(url, {
      dispatcher: this.connections,
      method: method === 'GET' ? 'GET' : 'POST',
      headers: { ...headers },
      body: body ?? null,
    });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return jsonOf(await answer.body.text());
    answer.body.on('error', () => undefined).destroy();
    throw new Refusal(answer.statusCode, answer.headers);
  }
}

function openConnections(): Agent {
  return new Agent({
    connections: mostConnections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: connectMs },
    headersTimeout: requestMs,
    bodyTimeout: requestMs,
    maxResponseSize: answerBytes,
  });
}

/** @returns null for what is none: it says as little as an empty answer */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function namedAsBySdk(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return new TimeUp();
  return code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? new OverlongAnswer() : error;
}
