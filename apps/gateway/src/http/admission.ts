import type { AdmissionLimits, LaneName } from './admission-limits.js';
import { Lane, type Place, type Sharer } from './lane.js';
import { UserShares } from './user-shares.js';

/**
 * Who is let in when more comes than can be done.
 *
 * There are two lanes: calls that somebody who logs in is waiting for, and all others. A lane has places and turns. A call
 * takes a place before its body is read, or is refused there and then; it keeps the place until its answer has left.
 * Once its body is there it waits for a turn, and has that as long as it is worked on. The other lane has fewer turns
 * than there are connections to the database, so that lists and exports never hold all of them.
 *
 * A caller may take as many places as it leaves free (Choudhury and Hahne, "Dynamic queue length thresholds for
 * shared-memory packet switches", 1998): one that floods gets half, two get a third each, and another caller
 * finds room. All keys of a tenant together may take three times as many as they leave free. Turns go round among the keys.
 * So a key with few calls waits only a short time behind any line, and still gets in while the line is as long as a burst.
 *
 * Calls about one user have a share of the turns and wait for that first, beside the line: while somebody holds the user's
 * rows, they hold a share of the connections and all others go on.
 */
export class Admission {
  private readonly lanes: Record<LaneName, Lane>;

  /**
   * @param refused told of each call that gets no place, or no turn
   * @param now milliseconds that only ever grow
   */
  constructor(
    limits: AdmissionLimits,
    refused: (lane: LaneName, sharer: Sharer) => void = () => undefined,
    now: () => number = () => performance.now(),
  ) {
    const shares = new UserShares(limits.ofUser);
    const lane = (name: LaneName) =>
      new Lane(limits[name], {
        patienceMs: limits.patienceMs,
        shares,
        now,
        afterTurn: () => this.goOn(),
        refused: (sharer) => refused(name, sharer),
      });
    this.lanes = { login: lane('login'), other: lane('other') };
  }

  /** @returns undefined where the caller has its share */
  enter(lane: LaneName, sharer: Sharer): Place | undefined {
    return this.lanes[lane].enter(sharer);
  }

  /** Calls that have a place, and those of them that wait for their turn. */
  count(lane: LaneName): { readonly inside: number; readonly waiting: number } {
    const { inside, waiting } = this.lanes[lane];
    return { inside, waiting };
  }

  /** A turn was given back. */
  private goOn(): void {
    const { login, other } = this.lanes;
    login.goOn();
    other.pressed = login.waiting > 0;
    other.goOn();
  }
}
