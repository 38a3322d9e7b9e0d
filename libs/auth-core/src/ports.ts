import { randomBytes } from 'node:crypto';

/** Where time comes from. Sallyport's is the database's; tests freeze it. */
export interface Clock {
  now(): Date;
}

/** Where randomness comes from. */
export interface Random {
  /** `count` bytes that nobody can guess. */
  bytes(count: number): Uint8Array;
}

/** The operating system's generator. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
