/** One frame of Server-Sent Events. */
export interface Frame {
  readonly id?: string;
  readonly data?: string;
  readonly comment: boolean;
}

/** A client of `GET /v1/audit/stream`. */
export class EventStream {
  readonly frames: Frame[] = [];
  /** Of the last frame that had one. */
  lastId: string | undefined;
  /** Settles when the stream ends: true where it was ended in order, false where it was cut. */
  readonly ended: Promise<boolean>;
  private readonly abort = new AbortController();

  private constructor(response: Response) {
    this.ended = this.read(response).then(
      () => true,
      () => false,
    );
  }

  /** @throws {Error} with the status and the refusal where it is not given */
  static async open(url: string, apiKey: string, query = '', lastId?: string): Promise<EventStream> {
    const headers = { authorization: `Bearer ${apiKey}`, ...(lastId !== undefined && { 'last-event-id': lastId }) };
    const response = await fetch(`${url}/v1/audit/stream${query}`, { headers });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new EventStream(response);
  }

  /** Ids of the events so far. */
  get ids(): string[] {
    return this.frames.flatMap(({ id, data }) => (data !== undefined && id !== undefined ? [id] : []));
  }

  get events(): { readonly type: string; readonly data: Record<string, unknown> }[] {
    return this.frames.flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(data)]));
  }

  /** Waits for so many events. */
  async until(count: number): Promise<this> {
    while (this.ids.length < count) {
      const over = await Promise.race([this.ended, new Promise((done) => setTimeout(done, 10))]);
      if (over !== undefined && this.ids.length < count) throw new Error(`It ended after ${this.ids.length} events.`);
    }
    return this;
  }

  close(): void {
    this.abort.abort();
  }

  private async read(response: Response): Promise<void> {
    if (!response.body) throw new Error('There is no body.');
    let text = '';
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const closed = new Promise<never>((_, fail) => {
      this.abort.signal.addEventListener('abort', () => {
        void reader.cancel().catch(() => undefined);
        fail(new Error('closed'));
      });
    });
    for (;;) {
      const { value, done } = await Promise.race([reader.read(), closed]);
      if (done) return;
      const parts = (text + value).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) this.take(part);
    }
  }

  private take(part: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
    const [id, data] = [field('id'), field('data')];
    if (id !== undefined) this.lastId = id;
    this.frames.push({
      ...(id !== undefined && { id }),
      ...(data !== undefined && { data }),
      comment: part.startsWith(':'),
    });
  }
}
