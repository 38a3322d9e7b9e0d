import type { KeyObject } from 'node:crypto';

/** Key of the codes' MACs. It stands in no database. */
export class Pepper {
  constructor(readonly key: KeyObject) {}
}
