import { Injectable } from '@nestjs/common';
import { Counts } from './counts.js';
import { once } from './once.js';
import { tooMany } from './overload.js';

/** Answers without an end that a gateway gives at once. One takes 0.1 MB or so, and most of the time nothing else. */
const mostAtOnce = 500;

/**
 * Counts answers that last: they take no place of `Admission`, since they work only now and then. A tenant may have as many
 * as it leaves free, so that one alone has half of them and the next still finds some.
 */
@Injectable()
export class Streams {
  private open = 0;
  private readonly ofTenant = new Counts();

  /**
   * @returns what gives it back, once
   * @throws {Problem} `unavailable` where there are too many
   */
  take(tenantId: string): () => void {
    if (this.ofTenant.get(tenantId) >= mostAtOnce - this.open) throw tooMany();
    this.open += 1;
    this.ofTenant.add(tenantId, 1);
    return once(() => {
      this.open -= 1;
      this.ofTenant.add(tenantId, -1);
    });
  }
}
