const everyMs = 500;

/** Says on a terminal how far an export is, and nothing where nobody watches. */
export class ExportProgress {
  private readonly began = performance.now();
  private toldAt = this.began;
  private told = false;

  /**
   * @param total entries of the log that are to be read
   * @param output undefined where nothing is to be said
   */
  constructor(
    private readonly total: number,
    private readonly output: Pick<NodeJS.WriteStream, 'write'> | undefined,
  ) {}

  /** @param read entries so far */
  tell(read: number): void {
    const now = performance.now();
    if (!this.output || now - this.toldAt < everyMs) return;
    this.toldAt = now;
    this.told = true;
    this.output.write(`\r\u001b[K${progressWords(read, this.total, now - this.began)}`);
  }

  /** Takes back what was said. */
  end(): void {
    if (this.told) this.output?.write('\r\u001b[K');
  }
}

export function progressWords(read: number, total: number, ms: number): string {
  const number = (value: number) => Math.round(value).toLocaleString('en');
  const perSecond = (read / ms) * 1000;
  const share = total === 0 ? 100 : Math.floor((read / total) * 100);
  const left = Math.ceil((total - read) / perSecond);
  return `${number(read)} of ${number(total)} events, ${share} %, ${number(perSecond)} each second, ${timeWords(left)} left`;
}

function timeWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
