/** How many each has; whoever has none takes no memory. */
export class Counts {
  private readonly counts = new Map<string, number>();

  get(id: string): number {
    return this.counts.get(id) ?? 0;
  }

  add(id: string, change: number): void {
    const count = this.get(id) + change;
    if (count === 0) this.counts.delete(id);
    else this.counts.set(id, count);
  }
}
