/** Says on a terminal how far it is, and nothing where nobody watches. */
export class Progress {
  private entries = 0;
  private readonly began = performance.now();
  private told = this.began;
  private readonly isWatched: boolean;

  constructor(private readonly output: NodeJS.WriteStream) {
    this.isWatched = output.isTTY;
  }

  count(): void {
    this.entries += 1;
    // The clock costs more than counting.
    if (this.isWatched && this.entries % 4096 === 0) this.tell();
  }

  /** Takes back what was said. */
  end(): void {
    if (this.told !== this.began) this.output.write('\r\u001b[K');
  }

  private tell(): void {
    const now = performance.now();
    if (now - this.told < 500) return;
    this.told = now;
    const perSecond = Math.round((this.entries / (now - this.began)) * 1000);
    this.output.write(
      `\r\u001b[K${this.entries.toLocaleString('en')} entries, ${perSecond.toLocaleString('en')} each second`,
    );
  }
}
