/** `login`: someone waits in front of a screen to get in. `other`: everything else. */
export const lanes = ['login', 'other'] as const;
export type LaneName = (typeof lanes)[number];

export interface LaneLimits {
  /** Calls that are worked on at once. */
  readonly turns: number;
  /** … while the other lane, which goes first, has a line. */
  readonly turnsPressed: number;
  /** Calls that have a place, while the line may be a burst: it is gone in a moment. */
  readonly burst: number;
  /** Calls that have a place once the line stands: then more of them only make everybody wait longer. */
  readonly standing: number;
  /** Calls of a key that find a place although the line stands, as long as a burst would find one. */
  readonly modest: number;
}

export interface AdmissionLimits extends Readonly<Record<LaneName, LaneLimits>> {
  /** Calls about one user that are in the line or at work. */
  readonly ofUser: number;
  /** Longest wait for a turn: something hangs. */
  readonly patienceMs: number;
}

/**
 * Measured with 16 connections (docs/adr/0015, 0052): four times as many calls as connections keep them busy, since up to sixteen
 * share a statement. With twice as many, logins got 24 % of what was asked in a crowd and lists 20; with four times, 38 and 5.
 */
export function limitsFor(connections: number): AdmissionLimits {
  return {
    patienceMs: 10_000,
    ofUser: Math.max(2, Math.ceil(connections / 4)),
    login: {
      turns: 4 * connections,
      turnsPressed: 4 * connections,
      burst: 64 * connections,
      standing: 16 * connections,
      modest: Math.ceil(connections / 2),
    },
    other: {
      turns: Math.ceil(connections / 2),
      turnsPressed: Math.ceil(connections / 8),
      burst: 64 * connections,
      standing: 16 * connections,
      modest: Math.ceil(connections / 8),
    },
  };
}
