import { Vonage } from '@vonage/server-sdk';

export interface VonageAccount {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Where the API is, if not at Vonage. */
  readonly host: string | undefined;
}

/** The SDK takes no signal: after this long it ends the connection by itself. As long as a delivery listens at most. */
const requestMs = 60_000;
/** What is read of an answer, in bytes; one to an SMS of ours has less than 1000. */
const answerBytes = 65_536;

/** An answer that is longer than any that Vonage gives. What it says is not known. */
export class OverlongAnswer extends Error {}

/** What the SDK, by node-fetch, gets for an answer. */
interface Answer {
  readonly ok: boolean;
  readonly body: (AsyncIterable<Uint8Array | string> & { destroy?(): unknown }) | null;
}

interface Parser {
  parseResponse(request: unknown, answer: Answer): Promise<unknown>;
}

/** Vonage's SDK, as workers send by it and as `doctor` looks by it. */
export function vonageClient({ apiKey, apiSecret, host }: VonageAccount): Vonage {
  // Without the empty key the SDK asks the disk for `undefined`, of which Node.js warns (DEP0187).
  const vonage = new Vonage(
    { apiKey, apiSecret, privateKey: '' },
    { timeout: requestMs, ...(host ? { restHost: host } : {}) },
  );
  bound(vonage.sms);
  bound(vonage.accounts);
  return vonage;
}

/** The SDK reads an answer to its end, however long it is, and has no option for that: it is given the text instead. */
function bound(client: object): void {
  // Protected in its types.
  const parser = client as Parser;
  const parse = parser.parseResponse.bind(client);
  parser.parseResponse = async (request, answer) => {
    if (answer.ok) {
      const text = await textOf(answer);
      Object.defineProperty(answer, 'text', { value: () => Promise.resolve(text) });
    } else {
      // The SDK leaves it where it is, and its connection open.
      answer.body?.destroy?.();
    }
    return parse(request, answer);
  };
}

/** @throws {OverlongAnswer} */
async function textOf({ body }: Answer): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    // Whoever leaves the loop destroys the stream, and with it the connection.
    if (bytes > answerBytes) throw new OverlongAnswer();
    chunks.push(Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(chunks).toString();
}
