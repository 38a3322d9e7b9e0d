/** Turns of the jobs that share a queue and a priority of the catalogue. BullMQ's priorities go to 2^21: half of them each. */
export const mostTurns = 2 ** 20 - 2;

/**
 * Gives each job its turn, so that whoever puts many into a queue keeps nobody waiting who puts few: start-time fair queueing
 * (Goyal, Vin and Cheng, SIGCOMM 1996). A line has one job in each turn. Its next job comes in the turn after that of its last
 * one, or in the turn that is being served where it has none waiting.
 *
 * What it remembers is of this process. Of two that publish, each gives a line a job in each turn.
 */
export class Turns {
  private readonly lastOfLine = new Map<string, number>();
  private served = 0;

  /** @param next turn of the job that a worker takes next; 0 where none waits */
  begin(next: number): void {
    // What waits at the end of the numbers is behind all that comes: else nobody could be put before it.
    const served = next >= mostTurns ? 0 : next;
    // They begin anew with an empty queue; all that waited has been served.
    if (served === 0 || served < this.served) this.lastOfLine.clear();
    for (const [line, last] of this.lastOfLine) if (last < served) this.lastOfLine.delete(line);
    this.served = served;
  }

  /** @returns from 1 to `mostTurns` */
  take(line: string): number {
    const turn = Math.min(Math.max(this.served, (this.lastOfLine.get(line) ?? 0) + 1), mostTurns);
    this.lastOfLine.set(line, turn);
    return turn;
  }
}
