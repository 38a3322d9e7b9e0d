import { createHash } from 'node:crypto';

/** What one press of a button led to. */
interface Led {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Token of the session that the browser had then; undefined where it had none. */
  readonly token: string | undefined;
}

interface Press {
  /** Becomes the `Idempotency-Key` of what is asked of Sallyport for it. */
  readonly key: string;
  readonly led: Promise<Led | undefined>;
}

/** A second press comes within seconds; a person who waits longer looks at the page first. */
const keepMs = 60_000;
const capacity = 5000;

/**
 * Makes one of two presses of a button: the answer of the first is the answer of the second, whether that comes while
 * the first is under way or after its answer was lost. A form is known by the key in it and by what was filled in.
 */
export class Presses {
  private readonly known = new Map<string, Press>();

  /**
   * @param form what was sent, with the form's `key`
   * @param work does it under this key
   * @param lives whether a session that an answer belongs to is still there: once it has ended, a press begins anew
   */
  async once(
    path: string,
    form: Readonly<Record<string, string>>,
    work: (key: string) => Promise<{ readonly answer: Response; readonly token: string | undefined }>,
    lives: (token: string) => boolean,
  ): Promise<Response> {
    const id = createHash('sha256')
      .update(JSON.stringify([path, form]))
      .digest('base64url');
    const before = this.known.get(id);
    // Nothing is waited for where it is the first: a second one may come in between.
    const told = before && (await before.led);
    if (told && (told.token === undefined || lives(told.token))) return answerOf(told);
    // Pressed again after its session had ended, it asks for something new.
    const key = told ? crypto.randomUUID() : (before?.key ?? `${form['key']}.${id}`);
    return this.first(id, key, work);
  }

  private async first(id: string, key: string, work: Parameters<Presses['once']>[2]): Promise<Response> {
    const working = work(key);
    const led = working.then(({ answer, token }) => ledTo(answer, token)).catch(() => undefined);
    this.keep(id, { key, led });
    const { answer } = await working;
    await led;
    return answer;
  }

  private keep(id: string, press: Press): void {
    this.known.delete(id);
    this.known.set(id, press);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= capacity) break;
      this.known.delete(oldest);
    }
    const forget = () => {
      if (this.known.get(id) === press) this.known.delete(id);
    };
    void press.led.then(() => setTimeout(forget, keepMs).unref());
  }
}

/** An answer that may be repeated. Where only waiting helps, as with a lock or a fault, it may be another one by now. */
async function ledTo(answer: Response, token: string | undefined): Promise<Led | undefined> {
  const { status, headers } = answer;
  if (status !== 303 && status !== 422) return undefined;
  return { status, headers: [...headers], body: await answer.clone().text(), token };
}

const answerOf = ({ status, headers, body }: Led) =>
  new Response(status === 303 ? null : body, { status, headers: headers.map(([name, value]) => [name, value]) });
