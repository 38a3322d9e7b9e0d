import type { ChildProcess } from 'node:child_process';

/** A program that was started, once it listens. */
export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}
export type Start = (env: Record<string, string>) => Promise<Running>;

/** @param urlIn where it listens, once its output tells */
export async function running(child: ChildProcess, urlIn: (output: string) => string | undefined): Promise<Running> {
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const url = await new Promise<string>((found, fail) => {
    let output = '';
    const listen = (text: string) => {
      output += text;
      const address = urlIn(output);
      if (address !== undefined) found(address);
    };
    child.stdout?.setEncoding('utf8').on('data', listen);
    child.stderr?.setEncoding('utf8').on('data', listen);
    void closed.then(() => fail(new Error(`The example has ended: ${output}`)));
  });
  return {
    url,
    async stop() {
      child.kill();
      await closed;
    },
  };
}

interface Page {
  readonly status: number;
  readonly html: string;
  /** What the page says to the person. */
  readonly words: string;
}

/** A browser with one cookie, which sends forms as they stand in the page. */
export class ExampleVisitor {
  cookie = '';
  page: Page = { status: 0, html: '', words: '' };

  constructor(private readonly url: string) {}

  async open(path = '/', form?: Record<string, string>): Promise<Page> {
    const response = await fetch(this.url + path, {
      method: form ? 'POST' : 'GET',
      headers: { cookie: this.cookie },
      body: form ? new URLSearchParams(form) : null,
      redirect: 'manual',
    });
    this.cookie = response.headers.getSetCookie().at(-1)?.split(';')[0] ?? this.cookie;
    const html = await response.text();
    if (response.status === 303) return this.open(response.headers.get('location') ?? '/');
    const words = /<p role="alert">([^<]*)</.exec(html)?.[1] ?? '';
    this.page = { status: response.status, html, words };
    return this.page;
  }

  /** The fields of a form, as the page fills them in. */
  fields(action: string, nth = 0): Record<string, string> {
    const forms = [
      ...this.page.html.replaceAll("'", '"').matchAll(/<form method="post" action="([^"]+)">(.*?)<\/form>/gs),
    ];
    const [, , inside] = forms.filter(([, named]) => named === action)[nth] ?? [];
    if (inside === undefined) throw new Error(`There is no form for ${action}: ${this.page.html}`);
    const filled = [...inside.matchAll(/<input type="(hidden|radio)" name="(\w+)" value="([^"]*)"( checked)?/g)];
    return Object.fromEntries(
      filled.filter(([, type, , , checked]) => type === 'hidden' || checked).map(([, , name, value]) => [name, value]),
    );
  }

  async send(action: string, typed: Record<string, string> = {}, nth = 0): Promise<Page> {
    return this.open(action, { ...this.fields(action, nth), ...typed });
  }

  async login(): Promise<Page> {
    await this.open();
    return this.send('/login', { name: 'jane', password: 'correct horse' });
  }
}
